using Backend.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Merging;

/// <summary>
/// A team's own merging, for a collection whose model says <c>"merge": "resolver"</c>. It is asked when a mutation meets
/// writes of others that its writer had not seen. It must be a pure function of what it is given: it may run several
/// times, and clients can only follow what is the same each time.
/// </summary>
public interface IRecordResolver
{
    /// <summary>The collection that it merges.</summary>
    string Collection { get; }

    /// <returns>The fields that the record gets, valid for its collection; null to tell the client of a conflict instead.</returns>
    RecordFields? Resolve(ConflictingWrite write);
}

/// <summary>A mutation beside what it met.</summary>
/// <param name="Current">The record's fields as they are.</param>
/// <param name="Proposed">The fields as the mutation alone would make them.</param>
/// <param name="Merged">The fields as merging by field would make them.</param>
public sealed record ConflictingWrite(RecordFields Current, RecordFields Proposed, RecordFields Merged);

public static class ResolverServices
{
    /// <summary>Has an application's own resolver merge a collection, whichever host runs it.</summary>
    public static IServiceCollection AddRecordResolver<
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
            System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TResolver>(
        this IServiceCollection services)
        where TResolver : class, IRecordResolver => services.AddSingleton<IRecordResolver, TResolver>();
}
