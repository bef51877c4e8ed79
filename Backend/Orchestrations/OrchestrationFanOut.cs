namespace Backend.Orchestrations;

public static class OrchestrationFanOut
{
    /// <summary>
    /// Runs <paramref name="body"/> for every item, at most <paramref name="maxParallel"/> at a time, begun in the order of
    /// the items. After a failure no further item is begun; when those under way have ended, the first failure is thrown.
    /// </summary>
    /// <param name="context">Its tasks are what the body awaits.</param>
    /// <param name="items">Known before the first is begun, so that every replay sees the same.</param>
    /// <param name="maxParallel">1 or more.</param>
    /// <param name="body">Deterministic, like all code of an orchestration.</param>
    /// <returns>The results in the order of the items.</returns>
    public static async Task<IReadOnlyList<TResult>> ForEachAsync<TItem, TResult>(
        this OrchestrationContext context, IReadOnlyList<TItem> items, int maxParallel, Func<TItem, Task<TResult>> body)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallel, 1);
        var results = new TResult[items.Count];
        // Shared by the workers without a lock: an orchestration's code runs on one thread at a time.
        var next = 0;
        var failed = false;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(maxParallel, items.Count)).Select(_ => WorkAsync()));
        return results;

        async Task WorkAsync()
        {
            while (!failed && next < items.Count)
            {
                var index = next++;
                try
                {
                    results[index] = await body(items[index]);
                }
                catch
                {
                    failed = true;
                    throw;
                }
            }
        }
    }

    /// <inheritdoc cref="ForEachAsync{TItem,TResult}"/>
    public static Task ForEachAsync<TItem>(
        this OrchestrationContext context, IReadOnlyList<TItem> items, int maxParallel, Func<TItem, Task> body) =>
        context.ForEachAsync(items, maxParallel, async item =>
        {
            await body(item);
            return true;
        });
}
