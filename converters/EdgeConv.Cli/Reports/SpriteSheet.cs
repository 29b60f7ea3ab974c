using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>Many tiles of one size as one picture, each shown by a window onto it. A tile that comes again is stored once.</summary>
/// <param name="name">Unique in the page; letters and digits.</param>
/// <param name="shownSide">Pixels of the screen that the longer side should take, about.</param>
internal sealed class SpriteSheet(string name, int shownSide)
{
    // A picture of 16,384 pixels and more is beyond what some browsers draw.
    private const int MostColumns = 64;

    private readonly Dictionary<string, int> _places = [];
    private readonly List<Tile> _tiles = [];

    /// <summary>Tiles stored.</summary>
    public int Count => _tiles.Count;

    /// <summary>Pixels of the screen that a tile takes; 0 before the first is stored.</summary>
    public int ShownWidth => _tiles.Count == 0 ? 0 : ShownSize().Width;

    private int Columns => Math.Clamp((int)Math.Ceiling(Math.Sqrt(_tiles.Count)), 1, MostColumns);

    /// <summary>Stores a tile and gives its number.</summary>
    /// <param name="key">The same for the same tile.</param>
    /// <param name="create">Makes it.</param>
    public int Add(string key, Func<Tile> create)
    {
        if (!_places.TryGetValue(key, out int place))
        {
            _places[key] = place = _tiles.Count;
            _tiles.Add(create());
        }

        return place;
    }

    /// <summary>A tile in the page; call when all are stored.</summary>
    /// <param name="tile">Its number.</param>
    /// <param name="title">Shown when the pointer is over it; what it shows, for those who cannot see it.</param>
    public string Show(int tile, string title)
    {
        (int width, int height) = ShownSize();
        (int x, int y) = (tile % Columns * width, tile / Columns * height);
        string text = Html.Escape(title);
        return $"<i class=\"tile sheet-{name}\" role=\"img\" title=\"{text}\" aria-label=\"{text}\" style=\"background-position:-{x}px -{y}px\"></i>";
    }

    /// <summary>The picture, as a rule of the page's style.</summary>
    public string Style()
    {
        if (_tiles.Count == 0)
        {
            return "";
        }

        int rows = (_tiles.Count + Columns - 1) / Columns;
        (int width, int height) = ShownSize();
        return $".sheet-{name} {{ width: {width}px; height: {height}px; background-image: url({InlinePicture.Png(Draw(rows))}); "
            + $"background-size: {Columns * width}px {rows * height}px; }}\n";
    }

    // Whole multiples where the tile is small, so that every pixel is as large as the next.
    private (int Width, int Height) ShownSize()
    {
        (int width, int height) = (_tiles[0].Width, _tiles[0].Height);
        int longest = Math.Max(width, height);
        int times = Math.Max(1, (int)Math.Round((double)shownSide / longest));
        return (width * times, height * times);
    }

    private Picture Draw(int rows)
    {
        (int width, int height) = (_tiles[0].Width, _tiles[0].Height);
        int line = Columns * width * 3;
        byte[] pixels = new byte[line * rows * height];
        foreach ((int i, Tile tile) in _tiles.Index())
        {
            int corner = (i / Columns * height * line) + (i % Columns * width * 3);
            for (int y = 0; y < height; y++)
            {
                tile.Rgb.AsSpan(y * width * 3, width * 3).CopyTo(pixels.AsSpan(corner + (y * line)));
            }
        }

        bool isGray = true;
        for (int i = 0; i < pixels.Length && isGray; i += 3)
        {
            isGray = pixels[i] == pixels[i + 1] && pixels[i] == pixels[i + 2];
        }

        byte[] stored = isGray ? [.. pixels.Where((_, i) => i % 3 == 0)] : pixels;
        return new Picture(stored, Columns * width, rows * height, isGray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }
}
