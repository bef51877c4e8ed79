using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Backend.Merging;
using SyncClient;

namespace Simulator;

/// <remarks>What people do to records.</remarks>
internal sealed partial class World
{
    private static readonly string[] Labels = ["red", "green", "blue"];

    private readonly List<RecordAddress> _living = [];
    private readonly List<RecordAddress> _mortal = [];
    private RecordAddress _score;
    private int _names;

    /// <summary>Two notes and a score that nobody deletes, and of each collection some that are made and deleted all the time.</summary>
    private void NameRecords()
    {
        _living.Clear();
        _mortal.Clear();
        _living.AddRange([Address("notes"), Address("notes")]);
        _mortal.AddRange([Address("notes"), Address("notes"), Address("tasks"), Address("plans"), Address("reports")]);
        _score = Address(ScoreResolver.Scores);
    }

    private RecordAddress Address(string collection) => new(Scope, collection, NewName("r"));

    private string NewName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{++_names}");

    private void Edit(Device device)
    {
        var record = _living[_random.Next(_living.Count)];
        var label = Labels[_random.Next(Labels.Length)];
        switch (_random.Next(18))
        {
            case < 4:
                Do(device, new Deed(device, record) { Witness = NewName("w"), Likes = _random.Next(1, 5) });
                break;
            case 4:
                Do(device, new Deed(device, record) { Witness = NewName("w"), Adds = label });
                break;
            case 5:
                Do(device, new Deed(device, record) { Removes = label });
                break;
            case 6:
                Do(device, new Deed(device, record) { Witness = NewName("w"), Likes = 7 }, more: fields => fields["priority"] = 99);
                break;
            case < 9:
                Do(device, new Deed(device, record) { Title = NewName("title ") });
                break;
            case 9:
                Do(device, new Deed(device, record), more: fields => fields["hidden"] = _random.Next(2) == 0);
                break;
            case 10:
                Do(device, new Deed(device, record), more: fields => fields["priority"] = _random.Next(2) == 0 ? 3 : null);
                break;
            case 11:
                EditTogether(device);
                break;
            case 12 or 13:
                Do(device, DeedOfScore(device, _random.Next(1, 100)), _random.Next(2) == 0 ? "patch" : "put");
                break;
            default:
                EditMortal(device, _mortal[_random.Next(_mortal.Count)]);
                break;
        }
    }

    private Deed DeedOfScore(Device device, int score) => new(device, _score) { IsMortal = true, Score = score };

    /// <summary>Both notes in one group, now and then with what the model refuses in one of them.</summary>
    private void EditTogether(Device device)
    {
        var group = NewName("g");
        foreach (var record in _living)
        {
            var isWrong = _random.Next(6) == 0;
            Do(device, new Deed(device, record) { Witness = NewName("w"), Likes = 2 }, group: group, more: fields =>
            {
                if (isWrong)
                {
                    fields["nonsense"] = true;
                }
            });
        }
    }

    private void EditMortal(Device device, RecordAddress record)
    {
        if (!ModelVersions.Has(device.Schema, record.Collection))
        {
            return; // the app on it does not know such records
        }

        var exists = device.Client.Read(record) is not null;
        var op = exists ? _random.Next(3) switch { 0 => "delete", 1 => "patch", _ => "put" } : "put";
        Do(device, new Deed(device, record) { IsMortal = true, Text = op == "delete" ? null : NewName("text ") }, op);
    }

    /// <summary>Does it on the device, which may die over it; then what was not saved was not done.</summary>
    private void Do(Device device, Deed deed, string op = "patch", string? group = null, Action<JsonObject>? more = null)
    {
        var (seq, isKilled) = (device.Client.NextSeq, false);
        var fields = FieldsOf(deed);
        more?.Invoke(fields);
        Tell($"{device.Name} {op} {deed.Record.Collection}/{deed.Record.Id} #{seq} {(op == "delete" ? "" : fields.ToJsonString())}{group}");
        try
        {
            _ = op switch
            {
                "put" => device.Client.Put(deed.Record, fields, group),
                "delete" => device.Client.Delete(deed.Record, group),
                _ => device.Client.Patch(deed.Record, fields, group),
            };
        }
        catch (KilledException)
        {
            Tell($"{device.Name} dies over it");
            device.Restart();
            isKilled = true;
        }

        if (device.Client.Queue.FirstOrDefault(mutation => mutation.Seq == seq) is { } mutation)
        {
            deed.Mutation = mutation;
            _oracle.Add(deed);
        }

        if (isKilled && device.IsExchanging)
        {
            throw new KilledException(); // and the exchange dies with it
        }
    }

    /// <summary>Somebody in a browser.</summary>
    private async Task EditByApiAsync(Instance instance)
    {
        var (user, record) = (_devices[_random.Next(_devices.Count)].User, _living[_random.Next(_living.Count)]);
        var deed = _random.Next(2) == 0
            ? new Deed(null, record) { Witness = NewName("w"), Likes = _random.Next(1, 5), Adds = Labels[_random.Next(Labels.Length)] }
            : new Deed(null, record) { Title = NewName("title ") };
        var fields = FieldsOf(deed);
        try
        {
            var written = await instance.PatchAsync(user, record, Encoding.UTF8.GetBytes(fields.ToJsonString()), _ct);
            Tell($"{user} patches {record.Id} by the data API {(written is null ? "in vain" : fields.ToJsonString())}");
            _oracle.Add(deed with
            {
                Answer = written is null ? Fate.Refused : Fate.Taken,
                Commit = written is null ? null : new Commit(_time.GetUtcNow(), MergeState.VersionOf(written).ToString()),
            });
        }
        catch (KilledException)
        {
            Tell($"A server dies over a patch of {record.Id} by {user}, and starts again");
            _oracle.Add(deed with { Answer = Fate.Unknown });
            await _server.RestartAsync(instance);
        }
    }

    private static JsonObject FieldsOf(Deed deed)
    {
        var fields = new JsonObject();
        if (deed.Witness is not null)
        {
            fields["witnesses"] = new JsonObject { ["$add"] = new JsonArray(deed.Witness) };
        }

        if (deed.Likes > 0)
        {
            fields["likes"] = new JsonObject { ["$increment"] = deed.Likes };
        }

        if ((deed.Adds ?? deed.Removes) is { } label)
        {
            fields["labels"] = new JsonObject { [deed.Adds is null ? "$remove" : "$add"] = new JsonArray(label) };
        }

        if (deed.Score > 0)
        {
            fields["best"] = deed.Score;
        }

        if (deed.Title is not null)
        {
            fields["title"] = deed.Title;
        }

        if (deed.Text is not null)
        {
            fields["title"] = deed.Record.Collection == "notes" ? "mortal" : deed.Text;
            if (deed.Record.Collection == "notes")
            {
                fields["body"] = deed.Text;
            }
        }

        return fields;
    }
}
