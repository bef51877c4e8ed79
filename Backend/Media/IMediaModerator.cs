using Microsoft.Extensions.DependencyInjection;

namespace Backend.Media;

/// <summary>
/// The application's say in what becomes of an upload: asked after the file was found to be an image and before anything
/// is made of it. Throwing makes the review run again, up to five times, after which the media fails.
/// </summary>
public interface IMediaModerator
{
    Task<ModerationVerdict> ReviewAsync(MediaToReview media, CancellationToken ct);
}

/// <param name="Id">The media record.</param>
/// <param name="Scope">Where it lives.</param>
/// <param name="Owner">Who uploaded it.</param>
/// <param name="ContentType">What the content is.</param>
/// <param name="Width">Displayed width in pixels.</param>
/// <param name="Height">Displayed height in pixels.</param>
/// <param name="Path">
/// The upload as a file, as it came: only its header was read. Good until the review ends; not to be changed.
/// </param>
public sealed record MediaToReview(
    string Id, string Scope, string Owner, string ContentType, int Width, int Height, string Path);

public abstract record ModerationVerdict
{
    private ModerationVerdict()
    {
    }

    /// <summary>The upload is processed, if all other moderators agree.</summary>
    public sealed record Approved : ModerationVerdict;

    /// <summary>The media fails with the reason <c>rejected</c>.</summary>
    /// <param name="Detail">For its owner to read.</param>
    public sealed record Rejected(string Detail) : ModerationVerdict;
}

public static class MediaModeration
{
    /// <summary>Has every upload reviewed; several moderators are asked in the order of their registration.</summary>
    public static IServiceCollection AddMediaModerator<
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
            System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TModerator>(
        this IServiceCollection services)
        where TModerator : class, IMediaModerator =>
        services.AddScoped<IMediaModerator, TModerator>();
}
