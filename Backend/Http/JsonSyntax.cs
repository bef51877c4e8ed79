using System.Text;
using System.Text.Json;

namespace Backend.Http;

/// <summary>Finds the first syntax error of a JSON text and names the path where it is.</summary>
internal static class JsonSyntax
{
    /// <summary>Null when the text is one JSON value within the limits.</summary>
    public static FieldError? FindError(ReadOnlySpan<byte> json, int maxDepth)
    {
        var path = new PathTracker();
        // The limit is checked here, one level before the reader would, to tell it from other errors.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (path.Follow(ref reader) is { } duplicate)
                {
                    return new FieldError(path.ToString(), "duplicate_field", $"The field {duplicate} is there twice.");
                }

                if (path.Depth > maxDepth)
                {
                    return new FieldError(path.ToString(), "too_deep", $"The JSON is nested deeper than {maxDepth} levels.");
                }
            }

            return null;
        }
        catch (JsonException exception)
        {
            return new FieldError(
                path.ToString(), "malformed_json",
                $"Not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            // An unpaired surrogate or invalid UTF-8, which the reader finds only when the text is asked for.
            return new FieldError(path.ToString(), "malformed_json", "The text is not valid UTF-8.");
        }
    }

    /// <summary>Keeps the path of the token last read.</summary>
    private sealed class PathTracker
    {
        private readonly List<Level> _levels = [];

        public int Depth => _levels.Count;

        /// <summary>Returns a name that its object has already had.</summary>
        public string? Follow(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var name = reader.GetString() ?? "";
                    _levels[^1].Name = name;
                    return _levels[^1].Names!.Add(name) ? null : name; // a property is inside an object, which has names
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _levels.RemoveAt(_levels.Count - 1);
                    return null;
                case JsonTokenType.String:
                    Enter(ref reader);
                    reader.GetString(); // throws for what is no text
                    return null;
                default:
                    Enter(ref reader);
                    return null;
            }
        }

        public override string ToString()
        {
            var text = new StringBuilder("$");
            foreach (var level in _levels)
            {
                if (level.Names is null && level.Index >= 0)
                {
                    text.Append('[').Append(level.Index).Append(']');
                }
                else if (level.Name is not null)
                {
                    text.Append('.').Append(level.Name);
                }
            }

            return text.ToString();
        }

        private void Enter(ref Utf8JsonReader reader)
        {
            if (_levels is [.., { Names: null } array])
            {
                array.Index++;
            }

            if (reader.TokenType is JsonTokenType.StartObject)
            {
                _levels.Add(new Level { Names = new HashSet<string>(StringComparer.Ordinal) });
            }
            else if (reader.TokenType is JsonTokenType.StartArray)
            {
                _levels.Add(new Level());
            }
        }

        private sealed class Level
        {
            /// <summary>The names seen so far in an object; null for an array.</summary>
            public HashSet<string>? Names { get; init; }

            public string? Name { get; set; }

            public int Index { get; set; } = -1;
        }
    }
}
