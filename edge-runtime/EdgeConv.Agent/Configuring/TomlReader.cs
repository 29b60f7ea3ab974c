using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace EdgeConv.Agent.Configuring;

/// <summary>A TOML file as tables whose keys know where they stand. By the parser's syntax tree: no reflection, which a native program lacks.</summary>
internal static class TomlReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">
    /// It is no TOML: the first mistake of each line, since the others follow from it, and none in what the rest seems to say.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public static TomlTable Read(string text, Mistakes mistakes)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, mistakes.File, validate: true);
        foreach (DiagnosticMessage message in document.Diagnostics.Where(message => message.Kind == DiagnosticMessageKind.Error)
            .OrderBy(message => message.Span.Start.Offset).DistinctBy(message => message.Span.Start.Line))
        {
            mistakes.Add(PlaceOf(message.Span), $"TOML: {message.Message.TrimEnd('.')}.");
        }

        mistakes.ThrowIfAny(" What it says is looked at once it is TOML.");
        TomlTable root = new("the file", new Place(1, 1), mistakes);
        Fill(root, document.KeyValues);
        foreach (TableSyntaxBase table in document.Tables)
        {
            if (table.Name is { } name)
            {
                Fill(Open(root, name, isItem: table is TableArraySyntax), table.Items);
            }
        }

        return root;
    }

    private static void Fill(TomlTable table, IEnumerable<KeyValueSyntax> items)
    {
        foreach (KeyValueSyntax item in items)
        {
            if (item.Key is { } key)
            {
                TomlTable owner = Walk(table, key, out string name);
                owner.Add(name, PlaceOf(key.Span), item.Value is { } value ? Value(value, name, table) : null);
            }
        }
    }

    /// <summary>The table of a header such as [gpio] or [[rule]].</summary>
    private static TomlTable Open(TomlTable root, KeySyntax header, bool isItem)
    {
        TomlTable owner = Walk(root, header, out string name);
        return isItem ? owner.Append(name, PlaceOf(header.Span)) : owner.Enter(name, PlaceOf(header.Span));
    }

    /// <summary>Down a dotted key, to the table of its last name.</summary>
    private static TomlTable Walk(TomlTable table, KeySyntax key, out string name)
    {
        name = NameOf(key.Key);
        foreach (DottedKeyItemSyntax item in key.DotKeys)
        {
            table = table.Enter(name, PlaceOf(key.Span));
            name = NameOf(item.Key);
        }

        return table;
    }

    private static TomlValue Value(ValueSyntax syntax, string name, TomlTable near)
    {
        Place place = PlaceOf(syntax.Span);
        object value;
        switch (syntax)
        {
            case StringValueSyntax text:
                value = text.Value ?? "";
                break;
            case IntegerValueSyntax whole:
                value = whole.Value;
                break;
            case FloatValueSyntax real:
                value = real.Value;
                break;
            case BooleanValueSyntax flag:
                value = flag.Value;
                break;
            case ArraySyntax array:
                value = array.Items.Where(item => item.Value is not null).Select(item => Value(item.Value!, name, near)).ToList();
                break;
            case InlineTableSyntax inline:
                TomlTable table = near.Beside(name, place);
                Fill(table, inline.Items.Where(item => item.KeyValue is not null).Select(item => item.KeyValue!));
                value = table;
                break;
            default:
                value = DateTime.MinValue;
                break;
        }

        return new TomlValue(place, value);
    }

    private static string NameOf(BareKeyOrStringValueSyntax? name) => name switch
    {
        StringValueSyntax text => text.Value ?? "",
        null => "",
        _ => name.ToString().Trim(),
    };

    private static Place PlaceOf(SourceSpan span) => new(span.Start.Line + 1, span.Start.Column + 1);
}
