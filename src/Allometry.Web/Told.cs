using Allometry.Kinds;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Allometry.Web;

/// <summary>What is wrong, told to the page in the sentences that the command line would use.</summary>
internal static class Told
{
    public static async Task AsProblemsAsync(HttpContext context, RequestDelegate next)
    {
        try { await next(context); }
        catch (Exception error) when (!context.Response.HasStarted && Problems(error) is { } problems)
        {
            context.Response.StatusCode = error is InputException ? StatusCodes.Status400BadRequest : StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsJsonAsync(new { Problems = problems.Select(problem => problem.ToString()) });
        }
    }

    private static IReadOnlyList<Problem>? Problems(Exception error) => error switch
    {
        InputException wrong => wrong.Problems,
        RunFailedException failed => failed.Problems,
        AggregateException { InnerException: { } cause } => Problems(cause), // of several things read at once
        SqliteException or IOException or UnauthorizedAccessException => [new("store", error.Message, "mend that and load the page again")],
        _ => null,
    };
}
