namespace EdgeConv.Devices.Updating;

/// <summary>
/// Two slots for packages, and which of them runs. Whenever the power goes, the current one is a whole package that passed the gate: a package is
/// brought to the disk before the state names it, and the state is replaced by one rename. Several processes may have the same folder.
/// </summary>
public sealed class ModelSlots
{
    /// <summary>A trial that was begun so often without coming to an end goes back: one cut of the power is forgiven.</summary>
    public const int MostStarts = 2;

    private const string StateFile = "state", NextState = "state.next", Incoming = "incoming", LockFile = "lock", GateFile = "gate.lock";
    private static readonly string[] _slots = ["a.ecpkg", "b.ecpkg"];
    private static readonly TimeSpan _lockPatience = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly ISlotDisk _disk;

    /// <param name="folder">Made where it is missing, by the first who changes something: one who only looks may be another account than the agent's.</param>
    public ModelSlots(string folder)
        : this(folder, new SlotDisk(folder))
    {
    }

    internal ModelSlots(string folder, ISlotDisk disk) => (_folder, _disk) = (folder, disk);

    /// <summary>Bytes that can be written.</summary>
    public long Free => _disk.Free;

    /// <summary>The file that runs now, or null before the first package. Another process may switch it.</summary>
    /// <exception cref="IOException">The state cannot be read.</exception>
    public string? CurrentFile => Load().Current is { } current ? Path.Combine(_folder, current.File) : null;

    /// <summary>Reads the package that runs now, or null before the first. It is what was installed, whoever trusts whom: nothing else runs from a slot.</summary>
    /// <param name="trust">Whose models run.</param>
    /// <exception cref="PackageException">Something else is in the slot, or nobody that is trusted signed it.</exception>
    /// <exception cref="IOException">The state or the slot cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The state or the slot may not be read.</exception>
    public SignedModel? ReadCurrent(Trust trust)
    {
        if (Load().Current is not { } current)
        {
            return null;
        }

        string name = Path.Combine(_folder, current.File);
        byte[] bytes = _disk.Read(current.File) ?? throw new FileNotFoundException($"{name} went away: {current.Package.Name} {current.Package.Version} was in it.");
        SignedModel read = SignedModel.Read(bytes, name, trust);
        return read.Manifest!.ModelHash == current.Package.ModelHash ? read : throw new PackageException(UpdateReason.WrongContent,
            $"{name}: another package than {current.Package.Name} {current.Package.Version}, which came through the gate.");
    }

    /// <summary>What the slots hold.</summary>
    /// <exception cref="IOException">The state cannot be read.</exception>
    public SlotStatus Status()
    {
        SlotState state = Load();
        return new SlotStatus(state.State, state.Current?.Package, state.Previous?.Package, state.Failed, state.Note);
    }

    /// <summary>
    /// The agent starts: of a trial this start counts until <see cref="EndStart"/> or <see cref="Confirm"/>, and one too many goes back.
    /// </summary>
    /// <param name="hasFile">Asked only then: whether there is a model beside the slots to go back to.</param>
    /// <returns>Why the trial failed, or null; <see cref="Status"/> says whether there was a way back.</returns>
    public string? BeginStart(Func<bool> hasFile) => Locked(state =>
    {
        if (state.State != TrialState.OnTrial)
        {
            return null;
        }

        if (state.Starts < MostStarts)
        {
            Save(state with { Starts = state.Starts + 1 });
            return null;
        }

        string why = $"it was started {state.Starts} times, and ended each time before its trial was over";
        Save(AfterFailing(state, why, hasFile));
        return why;
    });

    /// <summary>The agent ends as it was told to: the start does not count against the trial.</summary>
    public void EndStart() => Locked(state =>
    {
        if (state is { State: TrialState.OnTrial, Starts: > 0 })
        {
            Save(state with { Starts = state.Starts - 1 });
        }

        return 0;
    });

    /// <summary>The trial of a package is over, and it does well, or somebody says so of one that failed and runs on: from now on nothing older runs here.</summary>
    /// <param name="hash">The package's model; another one's trial goes on.</param>
    /// <returns>Whether there was such a trial.</returns>
    public bool Confirm(string hash) => Locked(state =>
    {
        if (!IsTrialOf(state, hash) && (state.State != TrialState.NoWayBack || state.Current!.Package.ModelHash != hash))
        {
            return false;
        }

        Save(state with { State = TrialState.Confirmed, Starts = 0, Highest = state.Current!.Package.Version, Failed = null, Note = "" });
        return true;
    });

    /// <summary>The package on trial does not do well: the one before runs again, or the model beside the slots. Without either it runs on: a board must not be left with none.</summary>
    /// <param name="hash">The package's model; another one's trial goes on.</param>
    /// <param name="why">One line.</param>
    /// <param name="hasFile">Asked only then: whether there is a model beside the slots to go back to.</param>
    /// <returns>Whether there was such a trial.</returns>
    public bool GoBack(string hash, string why, Func<bool> hasFile) => Locked(state =>
    {
        if (!IsTrialOf(state, hash))
        {
            return false;
        }

        Save(AfterFailing(state, why, hasFile));
        return true;
    });

    /// <summary>A package that does not open any more, on trial or not, gives way to the one before, or to the configuration's model.</summary>
    /// <param name="hash">The package's model.</param>
    /// <param name="why">One line.</param>
    /// <param name="hasFile">Whether the configuration has a model.</param>
    /// <returns>Whether there is something that takes its place.</returns>
    public bool Abandon(string hash, string why, Func<bool> hasFile) => Locked(state =>
    {
        if (state.Current?.Package.ModelHash != hash)
        {
            return false;
        }

        SlotState after = AfterFailing(state, why, hasFile);
        if (after.Current == state.Current)
        {
            return false;
        }

        Save(after);
        return true;
    });

    /// <summary>By hand, and against the rule that nothing older runs: current and previous change over.</summary>
    /// <returns>Whether there was a previous one.</returns>
    public bool ChangeOver() => Locked(state =>
    {
        if (state.Previous is null)
        {
            return false;
        }

        Save(state with { State = TrialState.Confirmed, Current = state.Previous, Previous = state.Current, Starts = 0, Highest = state.Previous.Package.Version });
        return true;
    });

    /// <summary>Keeps every other gate out until it is disposed of; null where one is at work.</summary>
    internal IDisposable? EnterGate()
    {
        DurableFolder.Make(_folder);
        try
        {
            return OpenLock(GateFile);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Works on the state while nobody else does.</summary>
    internal T Locked<T>(Func<SlotState, T> work)
    {
        using FileStream held = Lock();
        return work(Load());
    }

    /// <summary>The state as it is now.</summary>
    internal SlotState Load() => _disk.Read(StateFile) is not { } bytes ? new SlotState()
        : SlotState.Parse(bytes) ?? throw new IOException($"{Path.Combine(_folder, StateFile)} is damaged. Take it away to begin anew: the agent runs its configuration's model meanwhile.");

    /// <summary>Brings a package to the disk, where no state names it yet.</summary>
    internal void Receive(Action<Stream> write) => _disk.Write(Incoming, write);

    /// <summary>What was received.</summary>
    internal byte[] Received() => _disk.Read(Incoming) ?? throw new IOException($"{Path.Combine(_folder, Incoming)} went away.");

    /// <summary>A package that is not taken goes away, where there is one.</summary>
    internal void Discard() => _disk.Delete(Incoming);

    /// <summary>Makes what was received the current package, on trial.</summary>
    /// <param name="seen">The state that its gate began with.</param>
    /// <param name="package">What was received.</param>
    /// <returns>Whether the state was still that one.</returns>
    internal bool Switch(SlotState seen, InstalledPackage package) => Locked(state =>
    {
        if (state != seen)
        {
            return false;
        }

        string idle = _slots.First(slot => slot != state.Current?.File);
        // The state must not name what is about to be written over.
        if (state.Previous is not null)
        {
            state = state with { Previous = null };
            Save(state);
        }

        _disk.Rename(Incoming, idle);
        Save(state with
        {
            State = TrialState.OnTrial,
            Current = new Slot(idle, package),
            Previous = state.Current,
            Starts = 0,
            // What runs on only because there was nothing before it is no model to go back to either.
            Failed = state.State == TrialState.NoWayBack ? state.Current!.Package : null,
            Note = "",
        });
        return true;
    });

    private static bool IsTrialOf(SlotState state, string hash) => state.State == TrialState.OnTrial && state.Current!.Package.ModelHash == hash;

    private static SlotState AfterFailing(SlotState state, string why, Func<bool> hasFile)
    {
        bool isGood = state.Previous is { } before && !state.HasFailed(before.Package.ModelHash), isWay = isGood || hasFile();
        return state with
        {
            State = isWay ? TrialState.WentBack : TrialState.NoWayBack,
            Current = isGood ? state.Previous : isWay ? null : state.Previous ?? state.Current,
            Previous = null,
            Failed = state.Current!.Package,
            Starts = 0,
            Note = why,
        };
    }

    private void Save(SlotState state)
    {
        byte[] bytes = state.Bytes();
        _disk.Write(NextState, stream => stream.Write(bytes));
        _disk.Rename(NextState, StateFile);
    }

    private FileStream Lock()
    {
        DurableFolder.Make(_folder);
        long begin = Environment.TickCount64;
        while (true)
        {
            try
            {
                return OpenLock(LockFile);
            }
            catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException) && Environment.TickCount64 - begin < _lockPatience.TotalMilliseconds)
            {
                Thread.Sleep(20);
            }
        }
    }

    // The kernel gives the lock back when its process dies, however that happens. To read is enough: root may have made the file.
    private FileStream OpenLock(string name)
    {
        string path = Path.Combine(_folder, name);
        return new FileStream(path, FileMode.OpenOrCreate, File.Exists(path) ? FileAccess.Read : FileAccess.ReadWrite, FileShare.None);
    }
}
