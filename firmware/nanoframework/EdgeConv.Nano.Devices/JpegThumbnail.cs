namespace EdgeConv.Nano.Devices
{
    /// <summary>
    /// A JPEG file, sequential with Huffman codes, as the grey means of its blocks of 8 x 8 pixels (ITU-T T.81). A block's mean is its first
    /// coefficient, so that the others are only stepped over: no cosine transform, and no memory but tables and the result.
    /// </summary>
    public sealed class JpegThumbnail
    {
        private const int StartOfImage = 0xD8;
        private const int EndOfImage = 0xD9;
        private const int Frame = 0xC0;
        private const int ExtendedFrame = 0xC1;
        private const int HuffmanTables = 0xC4;
        private const int QuantizationTables = 0xDB;
        private const int RestartInterval = 0xDD;
        private const int Scan = 0xDA;
        private const int MostComponents = 3;
        private const int Coefficients = 64;

        private readonly JpegBits _bits = new JpegBits();
        private readonly JpegHuffman[] _dc = new JpegHuffman[4];
        private readonly JpegHuffman[] _ac = new JpegHuffman[4];
        private readonly int[] _firstQuantum = new int[4];
        private readonly int[] _ids = new int[MostComponents];
        private readonly int[] _wide = new int[MostComponents];
        private readonly int[] _high = new int[MostComponents];
        private readonly int[] _quantizers = new int[MostComponents];
        private readonly int[] _dcTables = new int[MostComponents];
        private readonly int[] _acTables = new int[MostComponents];
        private readonly int[] _last = new int[MostComponents];
        private readonly byte[] _pixels;
        private int _components;
        private int _width;
        private int _height;
        private int _restart;

        /// <summary>With room for a number of blocks.</summary>
        public JpegThumbnail(int mostBlocksWide, int mostBlocksHigh)
        {
            _pixels = new byte[mostBlocksWide * mostBlocksHigh];
            for (int i = 0; i < _dc.Length; i++)
            {
                _dc[i] = new JpegHuffman();
                _ac[i] = new JpegHuffman();
            }
        }

        /// <summary>What is wrong with the last file; null where nothing is.</summary>
        public string Problem { get; private set; }

        /// <summary>Decodes one file.</summary>
        /// <param name="source">Its bytes; what comes before its first marker is passed over.</param>
        /// <param name="picture">Becomes grey, an eighth as wide and as high, rounded up.</param>
        public bool TryRead(IByteSource source, Picture picture)
        {
            Problem = null;
            _components = 0;
            _restart = 0;
            _bits.Begin(source);
            if (!_bits.Find(StartOfImage))
            {
                return Failed("found no JPEG file");
            }

            while (Problem == null)
            {
                int marker = _bits.NextMarker();
                if (marker == Scan)
                {
                    return ReadScanHead() && ReadScan() && Take(picture);
                }

                if (marker < 0 || marker == EndOfImage)
                {
                    return Failed("the JPEG file ends before its pixels");
                }

                Segment(marker);
            }

            return false;
        }

        private bool Take(Picture picture)
        {
            picture.Pixels = _pixels;
            picture.Width = (_width + 7) / 8;
            picture.Height = (_height + 7) / 8;
            picture.Format = PixelFormat.Gray8;
            picture.Stride = 0;
            return true;
        }

        private void Segment(int marker)
        {
            int left = _bits.Word() - 2;
            switch (marker)
            {
                case Frame:
                case ExtendedFrame:
                    ReadFrame(ref left);
                    break;
                case HuffmanTables:
                    while (left > 16 && Problem == null)
                    {
                        ReadHuffman(ref left);
                    }

                    break;
                case QuantizationTables:
                    while (left > Coefficients && Problem == null)
                    {
                        ReadQuantizers(ref left);
                    }

                    break;
                case RestartInterval:
                    _restart = _bits.Word();
                    left -= 2;
                    break;
                default:
                    // the frames of codes that are not read have numbers up to CF; C8 and CC are none
                    if (marker > ExtendedFrame && marker <= 0xCF && marker != 0xC8 && marker != 0xCC)
                    {
                        Failed("found a progressive, lossless or arithmetic JPEG file, expected a sequential one with Huffman codes");
                    }

                    break;
            }

            _bits.Skip(left);
        }

        private void ReadFrame(ref int left)
        {
            int precision = _bits.Byte();
            _height = _bits.Word();
            _width = _bits.Word();
            _components = _bits.Byte();
            left -= 6;
            if (precision != 8 || _components != 1 && _components != MostComponents || _width < 1 || _height < 1
                || (_width + 7) / 8 * ((_height + 7) / 8) > _pixels.Length)
            {
                Failed("found a JPEG file of " + _width + "x" + _height + " pixels, " + _components + " channels of " + precision + " bits; there is room for "
                    + _pixels.Length + " blocks of 8x8, 1 or 3 channels of 8 bits");
                _components = 0;
                return;
            }

            for (int i = 0; i < _components; i++)
            {
                _ids[i] = _bits.Byte();
                int sampling = _bits.Byte();
                _wide[i] = sampling >> 4;
                _high[i] = sampling & 15;
                _quantizers[i] = _bits.Byte();
                left -= 3;
                if (_wide[i] < 1 || _wide[i] > 4 || _high[i] < 1 || _high[i] > 4 || _quantizers[i] > 3)
                {
                    Failed("found a damaged frame header in a JPEG file");
                }
            }
        }

        private void ReadHuffman(ref int left)
        {
            int which = _bits.Byte();
            if ((which & 15) > 3 || which >> 4 > 1)
            {
                Failed("found a damaged code table in a JPEG file");
                return;
            }

            int symbols = (which >> 4 == 0 ? _dc : _ac)[which & 15].Read(_bits);
            left -= 17 + symbols;
            if (symbols < 0)
            {
                Failed("found a damaged code table in a JPEG file");
            }
        }

        private void ReadQuantizers(ref int left)
        {
            int which = _bits.Byte();
            bool isWide = which >> 4 != 0;
            int first = isWide ? _bits.Word() : _bits.Byte();
            _bits.Skip((Coefficients - 1) * (isWide ? 2 : 1));
            left -= 1 + Coefficients * (isWide ? 2 : 1);
            if ((which & 15) > 3)
            {
                Failed("found a damaged quantization table in a JPEG file");
                return;
            }

            _firstQuantum[which & 15] = first;
        }

        private bool ReadScanHead()
        {
            int left = _bits.Word() - 3, count = _bits.Byte();
            if (count != _components || count == 0)
            {
                return Failed("found " + count + " channels in a scan of a JPEG file, expected all " + _components);
            }

            for (int i = 0; i < count; i++)
            {
                int id = _bits.Byte(), tables = _bits.Byte();
                left -= 2;
                _dcTables[i] = tables >> 4;
                _acTables[i] = tables & 15;
                if (id != _ids[i] || _dcTables[i] > 3 || _acTables[i] > 3)
                {
                    return Failed("found a damaged scan header in a JPEG file");
                }
            }

            _bits.Skip(left);
            return true;
        }

        private bool ReadScan()
        {
            // a single channel is not interleaved: its units are blocks, whatever its sampling says
            int wide = _components == 1 ? 1 : Most(_wide), high = _components == 1 ? 1 : Most(_high);
            int unitsWide = (_width + 8 * wide - 1) / (8 * wide), unitsHigh = (_height + 8 * high - 1) / (8 * high), untilRestart = _restart;
            _bits.StartCodes();
            ForgetLast();
            for (int y = 0; y < unitsHigh; y++)
            {
                for (int x = 0; x < unitsWide; x++)
                {
                    if (_restart > 0 && untilRestart-- == 0)
                    {
                        untilRestart = _restart - 1;
                        ForgetLast();
                        if (!_bits.Restart())
                        {
                            return Failed("a JPEG file lost its place in row " + y * 8 * high);
                        }
                    }

                    if (!ReadUnit(x, y, wide, high))
                    {
                        return Failed("a JPEG file breaks off or is damaged in row " + y * 8 * high);
                    }
                }
            }

            return true;
        }

        private bool ReadUnit(int x, int y, int wide, int high)
        {
            int blocksWide = (_width + 7) / 8, blocksHigh = (_height + 7) / 8;
            for (int c = 0; c < _components; c++)
            {
                int across = _components == 1 ? 1 : _wide[c], down = _components == 1 ? 1 : _high[c];
                for (int v = 0; v < down; v++)
                {
                    for (int h = 0; h < across; h++)
                    {
                        if (!ReadBlock(c))
                        {
                            return false;
                        }

                        int column = x * wide + h, row = y * high + v;
                        if (c == 0 && column < blocksWide && row < blocksHigh)
                        {
                            int gray = ((_last[0] * _firstQuantum[_quantizers[0]] + 4) >> 3) + 128;
                            _pixels[row * blocksWide + column] = (byte)(gray < 0 ? 0 : gray > 255 ? 255 : gray);
                        }
                    }
                }
            }

            return true;
        }

        private bool ReadBlock(int component)
        {
            JpegBits bits = _bits;
            int size = _dc[_dcTables[component]].Decode(bits);
            if (size < 0 || size > 11)
            {
                return false;
            }

            _last[component] += bits.Signed(size);
            JpegHuffman codes = _ac[_acTables[component]];
            for (int k = 1; k < Coefficients; k++)
            {
                int symbol = codes.Decode(bits);
                if (symbol <= 0)
                {
                    return symbol == 0;
                }

                k += symbol >> 4;
                if (k >= Coefficients)
                {
                    return false;
                }

                bits.Signed(symbol & 15);
            }

            return !bits.HasEnded;
        }

        private void ForgetLast()
        {
            for (int i = 0; i < MostComponents; i++)
            {
                _last[i] = 0;
            }
        }

        private int Most(int[] sampling)
        {
            int most = 1;
            for (int i = 0; i < _components; i++)
            {
                most = sampling[i] > most ? sampling[i] : most;
            }

            return most;
        }

        private bool Failed(string problem)
        {
            Problem = problem;
            return false;
        }
    }
}
