using System.Net;
using System.Net.NetworkInformation;

namespace Allometry.Web.Tests;

/// <summary>Who is let in.</summary>
public sealed class GateTests : IAsyncLifetime
{
    private ServedStudy study = null!;

    public async ValueTask InitializeAsync() => study = await ServedStudy.StartAsync(folder => new(folder, 2, 5));

    public ValueTask DisposeAsync() => study.DisposeAsync();

    [Fact]
    public async Task The_link_lets_in_and_takes_its_token_out_of_the_address()
    {
        using var client = study.Client(withToken: false);
        using var answer = await client.GetAsync(new Uri(study.Server.Link));
        Assert.Equal((HttpStatusCode.Redirect, "/"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        Assert.Contains("httponly", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Contains("samesite=strict", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?token=")]
    [InlineData("/?token=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("/page.js")]
    [InlineData("/api/studies")]
    [InlineData("/api/studies/study/events?since=0")]
    public async Task Nothing_is_told_without_the_token(string path)
    {
        using var client = study.Client(withToken: false);
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(study.Token, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "evil.example:{port}")]
    [InlineData("Host", "127.0.0.1")]
    [InlineData("Host", "127.0.0.1.evil.example:{port}")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Another_sites_page_is_refused_even_with_the_token(string header, string value)
    {
        using var client = study.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/studies");
        request.Headers.Add(header, value.Replace("{port}", $"{client.BaseAddress!.Port}", StringComparison.Ordinal));
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Only_the_pages_own_script_changes_anything()
    {
        Assert.Equal(403, (await study.PostAsync("/api/studies/study/stop", "{}", origin: "")).Status);
        Assert.Equal(403, (await study.PostAsync("/api/studies/study/stop", "{}", origin: "http://evil.example")).Status);
        Assert.Equal(403, (await study.PostAsync("/api/studies/study/stop", "{}", type: "text/plain")).Status);
        var (status, answer) = await study.PostAsync("/api/studies/study/stop", "{}");
        Assert.Equal(500, status);
        Assert.Contains("nobody is working on this store", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_forbids_the_browser_other_scripts_and_other_places()
    {
        using var client = study.Client(withToken: false);
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("../../../etc")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("%2Fetc")]
    [InlineData("other")]
    public async Task A_study_that_is_not_there_never_becomes_a_path(string name)
    {
        using var client = study.Client();
        using var answer = await client.GetAsync(new Uri($"/api/studies/{name}/frontier", UriKind.Relative));
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.NotFound });
    }

    [Theory]
    [InlineData("../outside.yaml")]
    [InlineData("/tmp/outside.yaml")]
    [InlineData("recipe.txt")]
    [InlineData(".yaml")]
    public async Task A_recipe_is_only_written_inside_the_folder(string file)
    {
        var (status, answer) = await study.PostAsync("/api/plan", System.Text.Json.JsonSerializer.Serialize(new { file, yaml = "name: x" }));
        Assert.Equal(400, status);
        Assert.Contains("no .yaml file inside the folder", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_this_machine_can_connect()
    {
        var port = new Uri(study.Address).Port;
        Assert.Equal([IPAddress.Loopback], IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == port).Select(listener => listener.Address));
    }
}
