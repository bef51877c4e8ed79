namespace Backend.Orchestrations;

/// <summary>An exception as histories keep it: type and message, never the stack, which is for the log.</summary>
internal static class ErrorText
{
    private const int MaxLength = 4096;

    public static string Of(Exception exception)
    {
        var text = $"{exception.GetType().Name}: {exception.Message}";
        return text.Length <= MaxLength ? text : text[..MaxLength];
    }
}
