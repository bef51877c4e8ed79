namespace Backend.Orchestrations;

/// <summary>An exception as histories keep it: type and message, never the stack, which is for the log.</summary>
internal static class ErrorText
{
    private const int MaxLength = 4096;

    public static string Of(Exception exception) => Cut($"{exception.GetType().Name}: {exception.Message}");

    /// <summary>As much of a text as a history takes.</summary>
    public static string Cut(string text) => text.Length <= MaxLength ? text : text[..MaxLength];
}
