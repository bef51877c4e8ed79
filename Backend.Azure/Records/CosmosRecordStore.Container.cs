using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <remarks>The container: what the product asks of it.</remarks>
internal sealed partial class CosmosRecordStore
{
    public async Task CheckAsync(CancellationToken ct)
    {
        if (!_containerChecked)
        {
            await CheckContainerAsync(ct);
            _containerChecked = true;
        }

        // Reading the container's definition counts against a small fixed budget; a point read does not.
        using var response = await CosmosFaults.SendAsync(
            _container.ReadItemStreamAsync("health", new PartitionKey("health"), cancellationToken: ct));
        if (!CosmosFaults.IsMissingItem(response))
        {
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>
    /// Creates the database and the container where they are missing, as development needs them, with the account's
    /// default throughput, and gives the container the indexes of <see cref="CosmosIndexPlan"/> that it lacks.
    /// </summary>
    public async Task EnsureCreatedAsync(CancellationToken ct)
    {
        Database database = await client.CreateDatabaseIfNotExistsAsync(_container.Database.Id, cancellationToken: ct);
        if (options.Value.LeaseContainer is { Length: > 0 } leases)
        {
            await database.CreateContainerIfNotExistsAsync(leases, "/id", cancellationToken: ct);
        }

        var definition = new ContainerProperties(_container.Id, RecordDocument.PartitionKeyPath)
        {
            DefaultTimeToLive = -1, // on, so that tombstones expire; without a default, so that records do not
            PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2, // tells scopes over 100 bytes apart
            IndexingPolicy = CosmosIndexPlan.Of(model),
        };
        ContainerProperties found = await database.CreateContainerIfNotExistsAsync(definition, cancellationToken: ct);
        if (CosmosIndexPlan.Missing(found.IndexingPolicy, model) is [_, ..] missing)
        {
            missing.ForEach(found.IndexingPolicy.CompositeIndexes.Add);
            await _container.ReplaceContainerAsync(found, cancellationToken: ct);
        }
    }

    private async Task CheckContainerAsync(CancellationToken ct)
    {
        ContainerProperties found = await CosmosFaults.CallAsync(_container.ReadContainerAsync(cancellationToken: ct));
        if (found.PartitionKeyPath != RecordDocument.PartitionKeyPath)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} is partitioned by {found.PartitionKeyPath}, not {RecordDocument.PartitionKeyPath}.");
        }

        if (found.DefaultTimeToLive is null)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} has no time to live, so tombstones would stay for ever; set it to -1.");
        }

        if (CosmosIndexPlan.Missing(found.IndexingPolicy, model) is [_, ..] missing)
        {
            throw new InvalidOperationException(
                $"The container {_container.Id} lacks composite indexes that the model declares: "
                + $"{string.Join("; ", missing.Select(CosmosIndexPlan.Describe))}. Write infra/{CosmosIndexPlan.File} anew and deploy it.");
        }
    }
}
