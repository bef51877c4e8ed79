using System.Text.Json;
using Backend.Records;

namespace Backend.Rules.Compiled;

/// <summary>
/// One check of one record: what operands read from. Fields are found in one pass over the record's JSON, the first
/// time one is asked for, and nothing is copied.
/// </summary>
internal ref struct Evaluation
{
    private readonly ref readonly RuleContext _context;
    private readonly StoredRecord? _record;
    private readonly StoredRecord? _previous;
    private readonly ReadOnlySpan<byte[]> _fields;
    private readonly Span<FieldPlace> _places;
    private bool _recordIsScanned;
    private bool _previousIsScanned;

    /// <param name="context">Who asks.</param>
    /// <param name="record">The record; null where only the context is read.</param>
    /// <param name="previous">The record before an update.</param>
    /// <param name="fields">The names of the fields that the expression reads.</param>
    /// <param name="places">Room for two places a field, all default.</param>
    public Evaluation(
        ref readonly RuleContext context,
        StoredRecord? record,
        StoredRecord? previous,
        ReadOnlySpan<byte[]> fields,
        Span<FieldPlace> places)
    {
        _context = ref context;
        _record = record;
        _previous = previous;
        _fields = fields;
        _places = places;
    }

    public readonly ref readonly RuleContext Context => ref _context;

    public readonly StoredRecord Record(bool previous) =>
        (previous ? _previous : _record) ?? throw new InvalidOperationException("There is no record to read.");

    /// <summary>The JSON text of a field's value; empty when the record has no such field.</summary>
    public ReadOnlySpan<byte> Field(int index, bool previous)
    {
        var json = Record(previous).Fields.Utf8.Span;
        ref var isScanned = ref previous ? ref _previousIsScanned : ref _recordIsScanned;
        var places = previous ? _places[_fields.Length..] : _places[.._fields.Length];
        if (!isScanned)
        {
            Scan(json, places);
            isScanned = true;
        }

        return json.Slice(places[index].Start, places[index].Length);
    }

    private readonly void Scan(ReadOnlySpan<byte> json, Span<FieldPlace> places)
    {
        var missing = places.Length;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (missing > 0 && reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var index = IndexOf(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (index >= 0 && places[index].Length == 0)
            {
                places[index] = new FieldPlace(start, (int)reader.BytesConsumed - start);
                missing--;
            }
        }
    }

    private readonly int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _fields.Length; i++)
        {
            if (reader.ValueTextEquals(_fields[i]))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>Where a field's value is in the record's JSON; of length 0 when it is not there.</summary>
internal readonly record struct FieldPlace(int Start, int Length);
