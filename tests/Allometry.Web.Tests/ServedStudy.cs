using System.Text;
using System.Text.Json;
using Allometry.EndToEnd.Tests;
using Allometry.Store;

namespace Allometry.Web.Tests;

/// <summary>A folder with a store in it, served for one test.</summary>
public sealed class ServedStudy : IAsyncDisposable
{
    private readonly Folder folder = new();

    public string Folder => folder.Path;

    public string Store => Path.Combine(Folder, ".allometry", "study");

    public Server Server { get; private set; } = null!;

    public string Address => Server.Link[..Server.Link.IndexOf("/?", StringComparison.Ordinal)];

    public string Token => Server.Link[(Server.Link.IndexOf('=', StringComparison.Ordinal) + 1)..];

    public static async Task<ServedStudy> StartAsync(Func<string, GeneratedStore> store)
    {
        var study = new ServedStudy();
        store(study.Store).Make();
        study.Server = await Server.StartAsync(new(study.Store, 0, [AllometryProcess.Executable], study.Folder));
        return study;
    }

    public HttpClient Client(bool withToken = true)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new(Address) };
        if (withToken) client.DefaultRequestHeaders.Add("Cookie", $"allometry-{client.BaseAddress.Port}={Token}");
        return client;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var client = Client();
        return JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;
    }

    /// <summary>As the page's own script asks.</summary>
    public async Task<(int Status, string Answer)> PostAsync(string path, string body, string? origin = null, string type = "application/json")
    {
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (origin != "") request.Headers.Add("Origin", origin ?? Address);
        using var answer = await client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        // Studies outlive the page, but not the test that has started them.
        foreach (var store in Directory.GetDirectories(Path.GetDirectoryName(Store)!).Where(StudyStore.IsWorkedOn)) AllometryProcess.Run(Folder, "cancel", store, "--json");
        folder.Dispose();
    }
}
