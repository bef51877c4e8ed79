using Backend.Model.History;

namespace Backend.Records;

/// <summary>
/// Takes values of fields that the model no longer has out of everybody's sight and puts them back when the record is
/// written: they stay stored and are there again when the field comes back.
/// </summary>
internal sealed class RetainingRecordStore(IRecordStore inner, ModelHistory history) : TransformedRecordStore(inner)
{
    protected override bool TransformsAny => history.HasRemovedFields;

    protected override bool Transforms(string collection) => history.RemovedFieldsOf(collection) is not null;

    protected override ValueTask<StoredRecord> ReadAsync(StoredRecord record, CancellationToken ct)
    {
        if (history.RemovedFieldsOf(record.Key.Collection) is { } names
            && FieldBytes.TakeOut(record.Fields.Utf8, names) is (var rest, { } taken))
        {
            record = record with { Fields = new RecordFields(rest), Retained = new RecordFields(taken) };
        }

        return ValueTask.FromResult(record);
    }

    protected override ValueTask<StoredRecord> WriteAsync(StoredRecord record, CancellationToken ct) => ValueTask.FromResult(
        record.Retained is { } retained
            ? record with { Fields = new RecordFields(FieldBytes.Join(record.Fields.Utf8.Span, retained.Utf8.Span)), Retained = null }
            : record);
}
