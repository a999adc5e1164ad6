using System.Net;
using Allometry.Kinds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Allometry.Web;

/// <summary>The page's web server: on the loopback address alone, for whoever has its token.</summary>
public sealed class Server : IAsyncDisposable
{
    /// <summary>A recipe that a page sends is far smaller.</summary>
    private const long LargestRequest = 4 << 20;

    private readonly WebApplication application;
    private readonly Studies studies;
    private readonly Gate gate;

    private Server(WebApplication application, Studies studies, Gate gate) => (this.application, this.studies, this.gate) = (application, studies, gate);

    /// <summary>Where a person opens it: the address with the token, which the page then keeps as a cookie.</summary>
    public string Link => $"{gate.Address}/?token={gate.Token}";

    /// <summary>Starts to serve; a port that is taken and a store that cannot be read are an <see cref="InputException"/>.</summary>
    public static async Task<Server> StartAsync(Serving serving)
    {
        // Nothing of the surroundings (ASPNETCORE_URLS, an appsettings.json in the folder) may open another door.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Listen(IPAddress.Loopback, serving.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new FiniteNumbers()));
        var (application, gate, studies) = (builder.Build(), new Gate(), new Studies(serving));
        application.Use(gate.PassAsync).Use(Told.AsProblemsAsync);
        application.UseRouting();
        Route(application, studies, serving);
        await ListenAsync(application, serving.Port);
        _ = Task.Run(studies.Warm);
        gate.Address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new(application, studies, gate);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
        studies.Dispose();
    }

    private static void Route(WebApplication application, Studies studies, Serving serving)
    {
        var recipes = new RecipeFolder(serving.Folder);
        Assets.Add(application);
        ReadingRoutes.Add(application, studies);
        RecipeRoutes.Add(application, recipes);
        ControlRoutes.Add(application, studies, recipes, new(serving.Program, serving.Folder));
    }

    private static async Task ListenAsync(WebApplication application, int port)
    {
        try { await application.StartAsync(); }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new InputException("--port", $"port {port} of 127.0.0.1 cannot be had: {(error.InnerException ?? error).Message.TrimEnd('.')}", "give another one, or --port 0 for any that is free");
        }
    }
}
