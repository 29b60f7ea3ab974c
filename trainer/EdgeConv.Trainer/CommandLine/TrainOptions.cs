using System.CommandLine;
using System.Globalization;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>The options of train. What is not given comes from the network's recipe or, with --resume, from the run.</summary>
internal sealed class TrainOptions
{
    private const string DefaultModel = "lenet5", DefaultData = "mnist", FromRecipe = " [default: the network's recipe]";
    private const int MaxValidation = 5000, ValidationShare = 12;

    private readonly Option<string?> _model = new("--model")
    {
        Description = $"Network: {string.Join(", ", KnownNetworks.Names)} [default: {DefaultModel}]",
    };
    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Data set: a name such as mnist, or a folder or zip with one folder of pictures a class [default: {DefaultData}]",
    };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training pictures" + FromRecipe };
    private readonly Option<bool> _augment = new("--augment")
    {
        Description = "Distort the training pictures: turn, scale, slant, shift, bend",
    };
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Run folder; an older run in it is replaced [default: runs/MODEL]",
    };
    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on with the run in --out, with its settings, to the same weights as if it had not been stopped",
    };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Start of every random sequence [default: 1]" };
    private readonly Option<int?> _batch = new("--batch") { Description = "Pictures a step" + FromRecipe };
    private readonly Option<double?> _rate = new("--lr") { Description = "Highest learning rate" + FromRecipe };
    private readonly Option<double?> _decay = new("--weight-decay") { Description = "Weight decay of AdamW" + FromRecipe };
    private readonly Option<double?> _average = new("--ema")
    {
        Description = "What a step keeps of the moving average of the weights; 0 for none" + FromRecipe,
    };
    private readonly Option<int?> _validation = new("--validation")
    {
        Description = $"Training pictures that only choose the best epoch [default: a twelfth, at most {MaxValidation}]",
    };
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads that share one operation [default: 1, the fastest for small networks]",
    };
    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Threads that prepare pictures; they do not change the result",
        DefaultValueFactory = _ => 1,
    };

    public TrainOptions()
    {
        Check(_epochs, n => n is >= 1 and <= 100_000, "1 to 100000");
        Check(_batch, n => n is >= 1 and <= 65536, "1 to 65536");
        Check(_rate, x => x is > 0 and <= 10, "above 0, at most 10");
        Check(_decay, x => x is >= 0 and <= 10, "0 to 10");
        Check(_average, x => x is >= 0 and < 1, "0 or more, below 1");
        Check(_validation, n => n >= 0, "0 or more");
        Check(_threads, n => n is >= 1 and <= 1024, "1 to 1024");
        Check(_workers, n => n is >= 1 and <= 256, "1 to 256");
    }

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All =>
        [_model, _data, _epochs, _augment, _out, _resume, _seed, _batch, _rate, _decay, _average, _validation, _threads, _workers];

    public bool Resume(ParseResult parsed) => parsed.GetValue(_resume);

    public int Workers(ParseResult parsed) => parsed.GetValue(_workers);

    public RunFolder Folder(ParseResult parsed) => new(parsed.GetValue(_out) ?? Path.Combine("runs", Model(parsed)));

    public string Model(ParseResult parsed) => parsed.GetValue(_model) ?? DefaultModel;

    public string Data(ParseResult parsed) => parsed.GetValue(_data) ?? DefaultData;

    /// <summary>Settings of a new run.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="pictures">Training pictures in the data set.</param>
    public TrainingSettings ForStart(ParseResult parsed, int pictures)
    {
        Recipe recipe = Recipe.For(Model(parsed));
        return Apply(parsed, new TrainingSettings
        {
            Model = Model(parsed),
            Data = Data(parsed),
            Epochs = recipe.Epochs,
            Batch = recipe.Batch,
            LearningRate = recipe.LearningRate,
            WeightDecay = recipe.WeightDecay,
            AverageDecay = recipe.AverageDecay,
            Validation = Math.Min(MaxValidation, pictures / ValidationShare),
            Augment = false,
            Seed = 1,
            Threads = 1,
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
        Data = parsed.GetValue(_data) ?? settings.Data,
        Epochs = parsed.GetValue(_epochs) ?? settings.Epochs,
        Batch = parsed.GetValue(_batch) ?? settings.Batch,
        LearningRate = parsed.GetValue(_rate) ?? settings.LearningRate,
        WeightDecay = parsed.GetValue(_decay) ?? settings.WeightDecay,
        AverageDecay = parsed.GetValue(_average) ?? settings.AverageDecay,
        Validation = parsed.GetValue(_validation) ?? settings.Validation,
        Augment = parsed.GetValue(_augment) || settings.Augment,
        Seed = parsed.GetValue(_seed) ?? settings.Seed,
        Threads = parsed.GetValue(_threads) ?? settings.Threads,
    };

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
