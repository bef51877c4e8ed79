namespace Local.Hosting;

/// <summary>The host cannot start, for a reason that the person at the console can do something about.</summary>
internal sealed class StartupException(string message) : Exception(message);
