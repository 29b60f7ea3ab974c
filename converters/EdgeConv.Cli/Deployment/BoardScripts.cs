namespace EdgeConv.Cli.Deployment;

/// <summary>
/// What is run on the board, in its plain shell. versions/ has a folder a version, `current` and `previous` lead to two of them, and a switch is one
/// rename: whenever the power goes, `current` is a whole version.
/// </summary>
/// <param name="folder">Above versions/.</param>
/// <param name="service">Who starts the agent.</param>
internal sealed class BoardScripts(string folder, DeployService service)
{
    /// <summary>The head of a package that nobody signed.</summary>
    public const string UnsignedHead = "unsigned.head";

    // The signature beside the model, which is such a head.
    private const string Head = "$([ -f model.ecm.sig ] && echo model.ecm.sig || echo " + UnsignedHead + ")";

    private const string Unit = "edgeconv-agent.service";

    private readonly string _folder = SshConnection.Quote(folder);

    private string Systemctl => service == DeployService.User ? "systemctl --user" : "systemctl";

    private string Journal => service == DeployService.User ? "journalctl --user" : "journalctl";

    /// <summary>Makes a whole version of an upload; nothing points to it yet.</summary>
    public string Place(string upload, string version) => $"""
        set -e
        umask 022
        mkdir -p {_folder}/versions
        cd {_folder}/versions
        rm -rf ./*.part
        mkdir {version}.part
        cp {SshConnection.Quote(upload)}/* {version}.part/
        [ -f {version}.part/agent.toml ] || cp ../current/agent.toml {version}.part/ 2>/dev/null || mv {version}.part/new.toml {version}.part/agent.toml
        rm -f {version}.part/new.toml
        chmod 755 {version}.part {version}.part/edgeconv-agent
        chmod 644 {version}.part/model.ecm* {version}.part/agent.toml
        sync
        mv {version}.part {version}
        sync
        """;

    /// <summary>Compares the model with its golden vectors, there.</summary>
    public string SelfTest(string version) => $"cd {_folder}/versions/{version} && ./edgeconv-agent selftest model.ecm --path all";

    /// <summary>Looks for mistakes in the configuration.</summary>
    public string Check(string version) => $"cd {_folder}/versions/{version} && ./edgeconv-agent check model.ecm --config agent.toml";

    /// <summary>
    /// Where the configuration has slots, brings the model to their gate: what is in a slot runs, and not the file beside the agent. Without slots there is
    /// nothing to do; an agent says so by code 4, and an older one by its words under code 2, which mistakes have as well. Anything else is an error.
    /// </summary>
    public string Package(string version) => $"""
        cd {_folder}/versions/{version} || exit 1
        said=$(./edgeconv-agent slots --config agent.toml 2>&1)
        code=$?
        case "$code:$said" in
          0:*) cat {Head} model.ecm > model.ecpkg && ./edgeconv-agent update model.ecpkg --config agent.toml; code=$? ;;
          4:*|"2:edgeconv-agent: no slots; "*|"2:edgeconv-agent: 'slots' is no verb; "*) code=0 ;;
          *) echo "$said" ;;
        esac
        rm -f model.ecpkg {UnsignedHead}
        exit $code
        """;

    /// <summary>Brings a package to the gate of the version that runs.</summary>
    public string Update(string package) => $"""
        cd {_folder}/current 2>/dev/null || [ -e {_folder}/current ] || {"{"} echo "nothing was deployed there; deploy once without --model-only"; exit 1; {"}"}
        ./edgeconv-agent update {SshConnection.Quote(package)} --config agent.toml
        """;

    /// <summary>Takes a version away that is not to be.</summary>
    public string Discard(string version) => $"rm -rf {_folder}/versions/{version}";

    /// <summary>
    /// Makes a version the current one and starts it. Where it does not start, the one before is made current again and started, and the exit code is
    /// 1. It goes on when the connection is lost.
    /// </summary>
    public string Switch(string version) => $$"""
        trap '' HUP PIPE
        cd {{_folder}} || exit 1
        old=$(readlink current)
        point() { ln -sfn "$2" "$1.next" && mv -T "$1.next" "$1"; }
        point current versions/{{version}} || exit 1
        {{Start}}
        if [ -n "$fail" ]; then
          echo "$fail"
          if [ -n "$old" ]; then
            point current "$old"
            echo "The version before is current again."
            {{Restart}}
          else
            rm -f current
            echo "There was no version before; nothing runs."
            {{Stop}}
          fi
          rm -rf versions/{{version}}
          exit 1
        fi
        [ -z "$old" ] || [ "$old" = versions/{{version}} ] || point previous "$old"
        now=$(readlink previous)
        for each in versions/*; do
          [ "$each" = versions/{{version}} ] || [ "$each" = "$now" ] || rm -rf "$each"
        done
        echo "previous=${now#versions/}"
        """;

    /// <summary>Changes current and previous over.</summary>
    public string Rollback() => $$"""
        trap '' HUP PIPE
        cd {{_folder}} 2>/dev/null || { echo "nothing was deployed there"; exit 1; }
        old=$(readlink current); back=$(readlink previous)
        [ -n "$back" ] && [ -d "$back" ] || { echo "there is no version before this one"; exit 1; }
        point() { ln -sfn "$2" "$1.next" && mv -T "$1.next" "$1"; }
        point current "$back" && point previous "$old" || exit 1
        {{Restart}}
        echo "current=${back#versions/}"; echo "previous=${old#versions/}"
        """;

    // Sets $fail to what went wrong. Type=notify: a restart that returns without error means that the agent said it is ready.
    private string Start => service == DeployService.None ? "fail=" : $"""
        fail=
        current={_folder}/current
        said=$("$current"/edgeconv-agent install "$current"/model.ecm --config "$current"/agent.toml --agent "$current"/edgeconv-agent {Scope} 2>&1) \
          || fail="the unit was not written: $said"
        [ -n "$fail" ] || said=$({Systemctl} enable {Unit} 2>&1 && {Systemctl} restart {Unit} 2>&1 && sleep 2 && {Systemctl} is-active {Unit} 2>&1) \
          || fail="the service does not start: $said $({Journal} -u {Unit} -n 3 -o cat 2>/dev/null)"
        """;

    private string Scope => service == DeployService.User ? "--scope user" : "";

    private string Stop => service == DeployService.None ? ":" : $"{Systemctl} disable --now {Unit} 2>/dev/null";

    private string Restart => service == DeployService.None ? ":" : $"{Systemctl} restart {Unit} || exit 1";
}
