namespace Backend.Orchestrations;

/// <summary>
/// What every engine takes as an instance's id: 1 to 100 printable ASCII characters without <c>/ \ # ?</c>, not
/// starting with <c>@</c>. These are the limits of Durable Functions, whose storage uses ids as keys; the embedded
/// engine keeps them too, so that an id that works in development works in the cloud.
/// </summary>
public static class OrchestrationInstanceId
{
    public const int MaxLength = 100;

    /// <exception cref="ArgumentException">The id breaks a rule above.</exception>
    public static void ThrowIfInvalid(string instanceId)
    {
        if (!IsValid(instanceId))
        {
            throw new ArgumentException(
                $"'{instanceId}' is no instance id: 1 to {MaxLength} printable ASCII characters without / \\ # ?, " +
                "not starting with @", nameof(instanceId));
        }
    }

    public static bool IsValid(string instanceId) =>
        instanceId.Length is > 0 and <= MaxLength && instanceId[0] != '@' && instanceId.All(IsAllowed);

    private static bool IsAllowed(char character) =>
        character is >= ' ' and <= '~' and not ('/' or '\\' or '#' or '?');
}
