using System.Globalization;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Deployment;

/// <summary>
/// Brings a model to a board: asks what it is, copies agent, model and configuration into a folder of their own, tests the model there, and only then
/// makes it the one that runs. Whatever goes wrong before, or Ctrl-C, leaves the old one.
/// </summary>
internal sealed class DeployRun(DeployOptions options, Terminal terminal, CancellationToken cancel)
{
    private const string SystemFolder = "/opt/edgeconv";
    private const string UploadPrefix = ".edgeconv-upload-";

    /// <summary>Deploys.</summary>
    /// <exception cref="FailureException">It does not work; the old version goes on.</exception>
    public DeployResult Deploy()
    {
        DeployPackage head = Head(options.Model!);
        using SshConnection ssh = new(options.Target, options.SshConfig);
        BoardFacts board = BoardFacts.Ask(ssh, cancel);
        string folder = Folder(ssh, board);
        string agent = BoardAgent.Find(options.Agent, board.Architecture, ssh.Name, terminal, cancel);
        long needed = 2 * (new FileInfo(agent).Length + new FileInfo(options.Model!).Length);
        if (board.FreeBytes < needed)
        {
            throw new FailureException($"{ssh.Name}: no space: {Units.Bytes(board.FreeBytes)} free, {Units.Bytes(needed)} needed for the copy and its place.");
        }

        BoardScripts scripts = new(folder, options.Service);
        string version = $"{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}-{Guid.NewGuid().ToString("N")[..6]}";
        terminal.Note($"copying {Units.Bytes(needed / 2)} to {ssh.Name}:{folder}");
        Upload(ssh, board, agent, head, version, upload => Demand(Root(board, scripts.Place(upload, version)), ssh, "the version cannot be put in its place"));
        string selfTest = Test(ssh, board, scripts, version);
        terminal.Note(options.Service == DeployService.None ? "switching to it" : "switching to it and starting the service");
        ChildResult switched = ssh.Run(Root(board, scripts.Switch(version)), cancel);
        return switched.ExitCode == 0
            ? new DeployResult(ssh.Name, folder, version, Value(switched, "previous"), selfTest)
            : throw new FailureException($"{ssh.Name}: {OneLine(switched)}");
    }

    /// <summary>
    /// Brings a model, or a package, to the gate of the agent that runs there. Nothing else is touched; the agent changes over by itself.
    /// </summary>
    /// <returns>What the gate says.</returns>
    /// <exception cref="FailureException">It was refused, or nothing was deployed there before.</exception>
    public string UpdateModel()
    {
        string model = options.Model!;
        bool isPackage = File.Exists(model) && SignedModel.IsPackage(model);
        if (isPackage && options.Key is not null)
        {
            throw new UsageException($"{model} is a package, whose signature was made by edgeconv sign; --key goes with a model.");
        }

        if (isPackage)
        {
            DeployPackage.ExpectVersion(SignedModel.Read(model, Trust.Everybody).Manifest!, options.ModelVersion, model);
        }

        byte[] head = isPackage ? [] : Head(model).Bytes;
        using SshConnection ssh = new(options.Target, options.SshConfig);
        BoardFacts board = BoardFacts.Ask(ssh, cancel);
        BoardScripts scripts = new(Folder(ssh, board), options.Service);
        ChildResult? answer = null;
        WithUpload(ssh, board, Guid.NewGuid().ToString("N")[..6], upload =>
        {
            using TemporaryFolder staged = new();
            File.WriteAllBytes(staged.File("model.ecpkg"), [.. head, .. File.ReadAllBytes(model)]);
            terminal.Note($"copying {Units.Bytes(new FileInfo(staged.File("model.ecpkg")).Length)} to {ssh.Name}");
            ssh.Copy([staged.File("model.ecpkg")], upload, cancel);
            terminal.Note("the model is tested there");
            answer = ssh.Run(Root(board, scripts.Update($"{upload}/model.ecpkg")), cancel);
        });
        return answer!.ExitCode == 0 ? OneLine(answer) : throw new FailureException($"{ssh.Name}: {OneLine(answer)}");
    }

    private DeployPackage Head(string model)
    {
        CheckModel(model);
        return DeployPackage.Of(model, options.Key, options.ModelVersion);
    }

    /// <summary>Brings the version before this one back.</summary>
    /// <exception cref="FailureException">There is none.</exception>
    public DeployResult Rollback()
    {
        using SshConnection ssh = new(options.Target, options.SshConfig);
        BoardFacts board = BoardFacts.Ask(ssh, cancel);
        string folder = Folder(ssh, board);
        ChildResult back = Demand(Root(board, new BoardScripts(folder, options.Service).Rollback()), ssh, "nothing was changed");
        return new DeployResult(ssh.Name, folder, Value(back, "current") ?? "", Value(back, "previous"), "");
    }

    private static void CheckModel(string file)
    {
        if (File.Exists(file) && SignedModel.IsPackage(file))
        {
            throw new FailureException($"{file} is a package, or a signature. --model-only brings a package to the agent that runs there; a whole deploy takes the model itself (.ecm).");
        }

        using Model model = ModelFile.Open(file);
        if (model.GoldenVectors.Count == 0)
        {
            throw new FailureException($"{file} carries no golden vectors, so that a board cannot test it. Convert it again with pictures to calibrate with.");
        }

        if (model.Preprocessing is null)
        {
            throw new FailureException($"{file} does not say how a picture becomes its input; an agent with a camera cannot run it.");
        }
    }

    private string Folder(SshConnection ssh, BoardFacts board)
    {
        if (options.Service != DeployService.None && !board.HasSystemd)
        {
            throw new FailureException($"{ssh.Name} has no systemd to start the agent with. --no-service puts it there without.");
        }

        if (options.Service == DeployService.System && !board.IsRoot && !board.HasSudo)
        {
            throw new FailureException($"{ssh.Name}: a service needs root, and sudo asks for a password there. "
                + "--user-service makes it a service of the user's own, --no-service none at all.");
        }

        return options.Folder ?? (options.Service == DeployService.System ? SystemFolder : $"{board.Home}/edgeconv");
    }

    /// <summary>A script as root where the machine's service needs it.</summary>
    private string Root(BoardFacts board, string script) =>
        options.Service == DeployService.System && !board.IsRoot ? $"sudo -n sh -c {SshConnection.Quote(script)}" : script;

    private void Upload(SshConnection ssh, BoardFacts board, string agent, DeployPackage head, string version, Action<string> place) =>
        WithUpload(ssh, board, version, upload =>
        {
            using TemporaryFolder staged = new();
            File.Copy(agent, staged.File("edgeconv-agent"));
            File.Copy(options.Model!, staged.File("model.ecm"));
            string signature = staged.File(head.IsSigned ? "model.ecm" + SignedModel.SignatureExtension : BoardScripts.UnsignedHead);
            File.WriteAllBytes(signature, head.Bytes);
            string config = staged.File(options.Config is null ? "new.toml" : "agent.toml");
            File.WriteAllText(config, options.Config is null ? NewConfig() : File.ReadAllText(options.Config));
            ssh.Copy([staged.File("edgeconv-agent"), staged.File("model.ecm"), signature, config], upload, cancel);
            place(upload);
        });

    /// <summary>A folder on the board for as long as the work takes.</summary>
    private void WithUpload(SshConnection ssh, BoardFacts board, string version, Action<string> work)
    {
        cancel.ThrowIfCancellationRequested();
        string upload = $"{board.Home.TrimEnd('/')}/{UploadPrefix}{version}";
        try
        {
            // What a lost connection left behind the day before goes as well. To its end, also at Ctrl-C: the board does not know of that, and a folder
            // that it made after it was told to remove it would stay.
            Demand($"umask 077; find \"$HOME\" -maxdepth 1 -name '{UploadPrefix}*' -mtime +1 -exec rm -rf {{}} +; mkdir {SshConnection.Quote(upload)}", ssh, "no folder can be made", CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
            work(upload);
        }
        finally
        {
            // Twice, where a copy that was cut off puts something there meanwhile.
            TryRun(ssh, $"rm -rf {SshConnection.Quote(upload)} || {"{"} sleep 1; rm -rf {SshConnection.Quote(upload)}; {"}"}");
        }
    }

    private string NewConfig() => $"""
        # Written by edgeconv deploy; deploy --config FILE brings another one. What can be said here is in AGENT.md.
        camera = "{options.Camera.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}"

        """;

    /// <summary>What the agent there says of the model and the configuration.</summary>
    private string Test(SshConnection ssh, BoardFacts board, BoardScripts scripts, string version)
    {
        try
        {
            ChildResult tested = ssh.Run(scripts.SelfTest(version), cancel);
            if (tested.ExitCode != 0)
            {
                throw new FailureException($"{ssh.Name}: the selftest failed there: {OneLine(tested)} The version before goes on.");
            }

            ChildResult check = ssh.Run(scripts.Check(version), cancel);
            if (check.ExitCode != 0)
            {
                throw new FailureException($"{ssh.Name}: the configuration has mistakes: {OneLine(check)} The version before goes on.");
            }

            ChildResult gate = ssh.Run(Root(board, scripts.Package(version)), cancel);
            return gate.ExitCode == 0 ? $"{tested.Output.Trim()}\n{gate.Output.Trim()}".Trim() : throw new FailureException(
                $"{ssh.Name}: the gate there does not take the model: {OneLine(gate)} The version before goes on.");
        }
        catch
        {
            TryRun(ssh, Root(board, scripts.Discard(version)));
            throw;
        }
    }

    private ChildResult Demand(string script, SshConnection ssh, string otherwise) => Demand(script, ssh, otherwise, cancel);

    private static ChildResult Demand(string script, SshConnection ssh, string otherwise, CancellationToken cancel)
    {
        ChildResult result = ssh.Run(script, cancel);
        if (result.ExitCode == 0)
        {
            return result;
        }

        throw new FailureException(result.Errors.Contains("No space left", StringComparison.OrdinalIgnoreCase)
            ? $"{ssh.Name}: no space left there ({result.LastWords})."
            : $"{ssh.Name}: {otherwise}: {OneLine(result)}");
    }

    /// <summary>Cleans up, also after Ctrl-C; what cannot be done now the next deploy does.</summary>
    private static void TryRun(SshConnection ssh, string script)
    {
        try
        {
            ssh.Run(script, CancellationToken.None);
        }
        catch (FailureException)
        {
        }
    }

    private static string OneLine(ChildResult result) =>
        string.Join(' ', (result.Output + "\n" + result.Errors).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string? Value(ChildResult result, string name) => result.Output.Split('\n')
        .Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault(value => value.Length > 0);
}
