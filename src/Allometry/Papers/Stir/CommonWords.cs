namespace Allometry.Papers.Stir;

/// <summary>The words that may be put into a text: two hundred common English ones, written down for this purpose.</summary>
internal static class CommonWords
{
    public static IReadOnlyList<string> All { get; } =
        """
        able above across act add after again age air all alone also answer apple area arm army art ask autumn
        back bag ball bank base bed bell best big bird black blood blue board boat body bone book both bottle
        box boy branch bread break bridge bright bring brother brown build bus busy buy cake call card care carry case
        cat cause chair change cheap child church circle city class clean clear clock close cloth cloud coat cold colour come
        common copper corner count country course cover cow cross cup cut dance dark day dear deep desk door down draw dream
        dress drink drive dry dust early earth east easy egg empty end engine evening every eye face fact fall family far
        farm fast father feel field fill find finger fire fish floor flower fly follow food foot forest fork form free friend
        front fruit full garden gate girl give glad glass gold good grass great green ground grow hair half hand happy hard
        hat head hear heart heavy help high hill history hole home hope horse hour house ice idea iron island job join
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
