using System.CommandLine;
using System.Globalization;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.QuantizationAware;
using EdgeConv.Trainer.Training;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>The options of train. What is not given comes from the network's recipe or, with --resume, from the run.</summary>
internal sealed class TrainOptions
{
    private const string DefaultModel = "lenet5", DefaultData = "mnist", RecipeDefault = " [default: the network's recipe]", Onnx = ".onnx";
    private const int FineTuningEpochs = 3, FineTuningParts = 4, MostParts = 64;
    private const double FineTuningRate = 3e-4;

    private readonly Option<string?> _model = new("--model")
    {
        Description = $"Network: a name (edgeconv models lists them) or a file that describes one, NAME.net [default: {DefaultModel}]",
    };
    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Data set: {string.Join(", ", DataSets.Names)}; or a folder or zip with one folder of pictures a class, or a .csv of "
            + $"paths and labels; @N behind it chooses other test pictures where it has none of its own [default: {DefaultData}]",
    };
    private readonly Option<string?> _size = new("--size")
    {
        Description = "Size of the network's input: 64, or ROWSxCOLUMNS [default: the network's own]",
    };
    private readonly Option<int?> _channels = new("--channels") { Description = "1 for grey, 3 for colour [default: the network's own]" };
    private readonly Option<double?> _width = new("--width")
    {
        Description = "Filters and neurons, as a multiple of the network's own [default: 1]",
    };
    private readonly Option<bool> _table = new("--connection-table") { Description = "The partial connections of lenet5-1998" };
    private readonly Option<string?> _recipe = new("--recipe")
    {
        Description = "Settings that suit another network of edgeconv models, for a network file [default: those of --model]",
    };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training pictures" + RecipeDefault };
    private readonly Option<string?> _augment = new("--augment")
    {
        Description = $"Change the training pictures at random: none, or words such as \"rotate=12 flip crop=4\". There are {AugmentationPlan.Help}"
            + " [default: what suits the data set]",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Run folder; an older run in it is replaced [default: runs/MODEL, with --qat FROM-qat]",
    };
    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on with the run in --out, with its settings, to the same weights as if it had not been stopped",
    };
    private readonly Option<bool> _findRate = new("--find-lr")
    {
        Description = "Do not train: try rising learning rates for some hundred steps, print the loss at each and a suggestion",
    };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Start of every random sequence [default: 1]" };
    private readonly Option<int?> _batch = new("--batch") { Description = "Pictures a step" + RecipeDefault };
    private readonly Option<OptimizerKind?> _optimizer = new("--optimizer")
    {
        Description = "adamw, or sgd with Nesterov's momentum" + RecipeDefault,
    };
    private readonly Option<double?> _rate = new("--lr") { Description = "Highest learning rate" + RecipeDefault };
    private readonly Option<double?> _warmUp = new("--warm-up")
    {
        Description = "Part of the steps in which the learning rate rises" + RecipeDefault,
    };
    private readonly Option<ScheduleShape?> _schedule = new("--schedule")
    {
        Description = "How the learning rate falls: cosine or linear" + RecipeDefault,
    };
    private readonly Option<double?> _decay = new("--weight-decay") { Description = "Weight decay of the optimizer" + RecipeDefault };
    private readonly Option<double?> _smoothing = new("--label-smoothing")
    {
        Description = "Part of the certainty that is spread over all classes" + RecipeDefault,
    };
    private readonly Option<bool> _classWeights = new("--class-weights")
    {
        Description = "Let rare classes count as much as frequent ones",
    };
    private readonly Option<double?> _average = new("--ema")
    {
        Description = "What a step keeps of the moving average of the weights; 0 for none" + RecipeDefault,
    };
    private readonly Option<int?> _validation = new("--validation")
    {
        Description = $"Training pictures that only choose the best epoch [default: a twelfth, at most {TrainingSettings.MaxValidation}]",
    };
    private readonly Option<int?> _patience = new("--patience")
    {
        Description = "End after so many epochs without a better validation accuracy; 0 for never [default: 0]",
    };
    private readonly Option<bool> _qat = new("--qat")
    {
        Description = "Quantization-aware training: fine-tune the network of --from as the device will compute it; `convert` then keeps its scales",
    };
    private readonly Option<string?> _from = new("--from") { Description = "With --qat: a run folder, or an .onnx file that EdgeConv wrote" };
    private readonly Option<string?> _int4 = new("--int4")
    {
        Description = "With --qat: layers whose weights take four bits, with commas between their names, or all",
    };
    private readonly Option<bool> _equalize = new("--equalize")
    {
        Description = "With --qat: bring channels to like sizes across layers first; for networks without batch normalization",
    };
    private readonly Option<ComputeDevice?> _device = new("--device")
    {
        Description = "What computes: cpu or cuda [default: the GPU where libtorch has one; quantization-aware training runs on the processor]",
    };

    private readonly Option<int?> _parts = new("--parts")
    {
        Description = "Parts of a batch, which threads share; like the seed, it chooses the last bits of the result" + RecipeDefault,
    };
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads that compute, at most one a part; they do not change the result, not in its last bit [default: one a processor]",
    };
    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Threads that prepare pictures; they do not change the result",
        DefaultValueFactory = _ => 1,
    };

    private readonly TransferOptions _transfer = new();

    public TrainOptions()
    {
        Check(_epochs, n => n is >= 1 and <= 100_000, "1 to 100000");
        Check(_batch, n => n is >= 1 and <= 65536, "1 to 65536");
        Check(_channels, n => n is 1 or 3, "1 or 3");
        Check(_width, x => x is >= 0.05 and <= 20, "0.05 to 20");
        Check(_rate, x => x is > 0 and <= 10, "above 0, at most 10");
        Check(_warmUp, x => x is >= 0 and <= 0.9, "0 to 0.9");
        Check(_decay, x => x is >= 0 and <= 10, "0 to 10");
        Check(_smoothing, x => x is >= 0 and < 1, "0 or more, below 1");
        Check(_average, x => x is >= 0 and < 1, "0 or more, below 1");
        Check(_validation, n => n >= 0, "0 or more");
        Check(_patience, n => n >= 0, "0 or more");
        Check(_parts, n => n is >= 1 and <= MostParts, $"1 to {MostParts}");
        Check(_threads, n => n is >= 1 and <= 1024, "1 to 1024");
        Check(_workers, n => n is >= 1 and <= 256, "1 to 256");
    }

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All =>
    [
        _model, _data, _size, _channels, _width, _table, _recipe, _epochs, _augment, _out, _resume, _findRate, _seed, _batch, _optimizer, _rate, _warmUp,
        _schedule, _decay, _smoothing, _classWeights, _average, _validation, _patience,
        _qat, _from, _int4, _equalize, _device, _parts, _threads, _workers, .. _transfer.All,
    ];

    /// <summary>Whether a trained network is taken over, which leaves no choice of another.</summary>
    /// <exception cref="UsageException">There is one nevertheless.</exception>
    public bool IsTransfer(ParseResult parsed) =>
        _transfer.Check(parsed, Resume(parsed), [_model, _channels, _width, _table, _recipe, _findRate]);

    public bool FindRate(ParseResult parsed) => parsed.GetValue(_findRate);

    public bool Resume(ParseResult parsed) => parsed.GetValue(_resume);

    public Resources Resources(ParseResult parsed) => new(parsed.GetValue(_threads) ?? 0, parsed.GetValue(_workers));

    public bool FineTunes(ParseResult parsed) => parsed.GetValue(_qat);

    public RunFolder Folder(ParseResult parsed) => new(parsed.GetValue(_out) ?? (parsed.GetValue(_from) is { } from
        ? $"{(from.EndsWith(Onnx, StringComparison.OrdinalIgnoreCase) ? from[..^Onnx.Length] : Path.TrimEndingDirectorySeparator(from))}-qat"
        : Path.Combine("runs", _transfer.Folder(parsed) ?? Path.GetFileNameWithoutExtension(Model(parsed)))));

    /// <summary>What is fine-tuned.</summary>
    /// <exception cref="UsageException">Options that do not go together.</exception>
    public FineTuningSource Source(ParseResult parsed)
    {
        Option[] ofNetworks = [_model, _size, _channels, _width, _table, _recipe, _findRate, .. _transfer.All];
        if (ofNetworks.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } odd)
            throw new UsageException($"{odd.Name} does not go with --qat: the network is the one that --from names.");
        return parsed.GetValue(_from) is { } from
            ? new FineTuningSource(from)
            : throw new UsageException("--qat fine-tunes a network that is trained already; name its run folder with --from.");
    }

    /// <exception cref="UsageException">Options that only mean something with --qat.</exception>
    public void CheckPlain(ParseResult parsed)
    {
        Option[] ofFineTuning = [_from, _int4, _equalize];
        if (ofFineTuning.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } odd)
            throw new UsageException($"{odd.Name} is for quantization-aware training; add --qat.");
    }

    public string Model(ParseResult parsed) => parsed.GetValue(_model) ?? _transfer.Source(parsed) ?? DefaultModel;

    public string? GivenData(ParseResult parsed) => parsed.GetValue(_data);

    public string Data(ParseResult parsed) => parsed.GetValue(_data) ?? DefaultData;

    /// <summary>Settings of a new run.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="pictures">Training pictures in the data set.</param>
    public TrainingSettings ForStart(ParseResult parsed, int pictures)
    {
        string? other = parsed.GetValue(_recipe);
        Recipe recipe = _transfer.Recipe(parsed, Data(parsed)) ?? Recipe.For(other == null ? Model(parsed) : KnownNetworks.Get(other).Name, Data(parsed));
        TrainingSettings settings = Apply(parsed, TrainingSettings.From(recipe, Model(parsed), Data(parsed), pictures) with
        {
            Device = LibTorch.HasGpu ? ComputeDevice.Cuda : ComputeDevice.Cpu,
        });
        return settings.Patience == 0 || settings.Validation > 0
            ? settings
            : throw new UsageException("--patience looks at the validation accuracy; with --validation 0 there is none.");
    }

    /// <summary>Settings of quantization-aware training: those of the run that it starts from, with small steps.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="run">The run's settings; null where it starts from a file.</param>
    /// <param name="pictures">Training pictures in the data set.</param>
    public TrainingSettings ForFineTuning(ParseResult parsed, TrainingSettings? run, int pictures)
    {
        string model = Path.GetFileNameWithoutExtension(parsed.GetValue(_from)!);
        Recipe recipe = Recipe.For(model, Data(parsed));
        // As plain and as repeatable as can be: the file may be of any network, not only of the one whose name it has.
        run ??= TrainingSettings.From(recipe, model, Data(parsed), pictures) with
        {
            LabelSmoothing = 0,
            ChannelsLast = false,
            Parts = FineTuningParts,
        };
        return Apply(parsed, run with
        {
            Epochs = FineTuningEpochs,
            Optimizer = OptimizerKind.AdamW,
            LearningRate = FineTuningRate,
            WarmUp = 0.1,
            Schedule = ScheduleShape.Cosine,
            WeightDecay = 0,
            AverageDecay = 0,
            Patience = 0,
            Transfer = null,
            Device = ComputeDevice.Cpu,
            Quantization = new QuantizationSettings(parsed.GetValue(_from)!),
        });
    }

    /// <summary>Settings of a run that goes on.</summary>
    /// <exception cref="UsageException">Something else was asked for; the weights could not be the same.</exception>
    public TrainingSettings ForResume(ParseResult parsed, TrainingSettings run)
    {
        IReadOnlyList<string> differences = run.Differences(Apply(parsed, run));
        return differences.Count == 0 ? run : throw new UsageException(
            $"A resumed run keeps its settings. Different are {string.Join("; ", differences)}. " +
            "Leave these options out, or start a new run with another --out.");
    }

    private TrainingSettings Apply(ParseResult parsed, TrainingSettings settings) => settings with
    {
        Model = parsed.GetValue(_model) ?? settings.Model,
        Transfer = _transfer.Apply(parsed, settings.Transfer),
        Network = Network(parsed, settings.Network),
        Data = parsed.GetValue(_data) ?? settings.Data,
        Epochs = parsed.GetValue(_epochs) ?? settings.Epochs,
        Batch = parsed.GetValue(_batch) ?? settings.Batch,
        Optimizer = parsed.GetValue(_optimizer) ?? settings.Optimizer,
        LearningRate = parsed.GetValue(_rate) ?? settings.LearningRate,
        WarmUp = parsed.GetValue(_warmUp) ?? settings.WarmUp,
        Schedule = parsed.GetValue(_schedule) ?? settings.Schedule,
        WeightDecay = parsed.GetValue(_decay) ?? settings.WeightDecay,
        LabelSmoothing = parsed.GetValue(_smoothing) ?? settings.LabelSmoothing,
        ClassWeights = parsed.GetValue(_classWeights) || settings.ClassWeights,
        AverageDecay = parsed.GetValue(_average) ?? settings.AverageDecay,
        Validation = parsed.GetValue(_validation) ?? settings.Validation,
        Patience = parsed.GetValue(_patience) ?? settings.Patience,
        Augmentation = Augmentation(parsed) ?? settings.Augmentation,
        Seed = parsed.GetValue(_seed) ?? settings.Seed,
        Device = parsed.GetValue(_device) ?? settings.Device,
        Parts = parsed.GetValue(_parts) ?? settings.Parts,
        Quantization = settings.Quantization is not { } quantization ? null : quantization with
        {
            From = parsed.GetValue(_from) ?? quantization.From,
            Int4 = parsed.GetValue(_int4) ?? quantization.Int4,
            Equalize = parsed.GetValue(_equalize) || quantization.Equalize,
        },
    };

    private NetworkOptions Network(ParseResult parsed, NetworkOptions options)
    {
        (int Height, int Width)? size = parsed.GetValue(_size) is { } text ? Size(text) : null;
        return options with
        {
            Height = size?.Height ?? options.Height,
            Width = size?.Width ?? options.Width,
            Channels = parsed.GetValue(_channels) ?? options.Channels,
            Factor = parsed.GetValue(_width) ?? options.Factor,
            ConnectionTable = parsed.GetValue(_table) || options.ConnectionTable,
        };
    }

    private static (int Height, int Width) Size(string text) => NetworkOptions.TryParseSize(text, out int height, out int width)
        ? (height, width)
        : throw new UsageException($"--size is {text}; {NetworkOptions.SizeForm} is expected.");

    // Without words the recipe decides, as without the option.
    private string? Augmentation(ParseResult parsed)
    {
        if (parsed.GetValue(_augment) is not { } words) return null;
        try
        {
            return words.Equals("none", StringComparison.OrdinalIgnoreCase) ? "" : AugmentationPlan.Parse(words)?.Text ?? "";
        }
        catch (FormatException e)
        {
            throw new UsageException($"--augment {e.Message}");
        }
    }

    private static void Check<T>(Option<T> option, Func<T, bool> allowed, string range) => option.Validators.Add(result =>
    {
        try
        {
            if (result.GetValueOrDefault<T>() is { } value && !allowed(value))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {value}; {range} is expected."));
        }
        catch (InvalidOperationException)
        {
            // Not a number at all: the parser says so itself.
        }
    });
}
