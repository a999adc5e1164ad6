using System.Net;
using System.Net.Sockets;
using Allometry.Kinds;
using Microsoft.Data.Sqlite;

namespace Allometry.Web.Tests;

/// <summary>What keeps the page from starting is told in one sentence.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("allometry-server-");

    private string Store => Path.Combine(folder.FullName, "store");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_port_that_another_program_has()
    {
        new GeneratedStore(Store, 1, 5).Make();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var problem = await RefusedAsync(port);
        Assert.Equal(("--port", "give another one, or --port 0 for any that is free"), (problem.Where, problem.Mend));
        Assert.Contains($"port {port} of 127.0.0.1 cannot be had", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_store() => Assert.Equal("there is no store here", (await RefusedAsync(0)).What);

    [Fact]
    public async Task A_store_of_a_newer_version()
    {
        new GeneratedStore(Store, 1, 5).Make();
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(Store, "study.db")};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma user_version = 99";
            command.ExecuteNonQuery();
        }
        Assert.Equal("the store was made by a newer Allometry", (await RefusedAsync(0)).What);
    }

    private async Task<Problem> RefusedAsync(int port) =>
        Assert.Single((await Assert.ThrowsAsync<InputException>(() => Server.StartAsync(new(Store, port, [], folder.FullName)))).Problems);
}
