using Backend.Hooks;

namespace App;

/// <summary>Sets the price of an order, which clients can see and never send.</summary>
public sealed class OrderPrices : IRecordHook
{
    private const int CentsPerItem = 999;

    public string Collection => "orders";

    public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct)
    {
        if (write.TryGetInt64("quantity", out var quantity))
        {
            write.Set("price", quantity * CentsPerItem);
        }

        return ValueTask.FromResult<HookRejection?>(null);
    }
}
