using System.Globalization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>The model's preprocessing record as C#, for the library's Preprocessor.</summary>
internal static class NanoPreprocessing
{
    /// <summary>Bytes of its tables in the assembly.</summary>
    public static int TableBytes(Model model) => model.Preprocessing is { EntryBytes: 1 } record ? record.Tables.Length : 0;

    /// <summary>A method that makes it; nothing where the model has no record of bytes.</summary>
    public static void Write(Model model, NanoText text)
    {
        if (model.Preprocessing is not { EntryBytes: 1 } record)
        {
            return;
        }

        PictureLayout layout = record.Layout;
        IEnumerable<string> entries = record.Tables.ToArray().Select(entry => entry.ToString(CultureInfo.InvariantCulture));
        text.Add(string.Create(CultureInfo.InvariantCulture, $$"""
            /// <summary>How a picture becomes the input: new Preprocessor(Preprocessing()).Run(picture, input, 0).</summary>
            public static PreprocessingRecord Preprocessing()
            {
                return new PreprocessingRecord({{layout.Width}}, {{layout.Height}}, ColorOrder.{{layout.Color}}, Crop.{{layout.Crop}}, Resize.{{layout.Resize}}, new sbyte[]
                {
            {{NanoText.Filled(entries, "        ")}}
                });
            }

            """), 2);
    }
}
