using EdgeConv.Devices.Cameras;

namespace EdgeConv.Agent;

/// <summary>What --help prints: of all verbs, or of one.</summary>
internal static class HelpText
{
    private const string Common = """
          --help          of a verb: that verb's help
          --version

        """;

    private const string ExitCodes = """
        Exit code: 0 done, 1 failed, 2 bad usage, 3 a package that was refused, 4 no slots are named.
        """;

    private static readonly Verb[] _verbs =
    [
        new("run", """
              edgeconv-agent run MODEL PICTURE              classify a picture (PNG, JPEG, BMP, PGM, PPM), or a folder of them
              edgeconv-agent run MODEL --camera URI         say which class the camera sees, until Ctrl-C: frame, class, confidence
                  --pins 17,27,...                          switch a GPIO line a class; --active low where 0 V means on
                  --threshold 0.5 --votes 5 --hold 0        least confidence, frames that vote, milliseconds a class stays
                  --save-as CLASS --to FOLDER               save the frames for training
                  --frames N                                end after N frames
                  --serve :8080                             a page with the live picture; 0.0.0.0:8080 for the whole network, with a token
                  --token-file FILE --frames-to FOLDER      where its token and the frames that are labelled there are kept
                  --key FILE --slots FOLDER                 run only what that key signed; packages that update brings
                  --config FILE                             all of this and more from a file: rules, MQTT, GPIO (see AGENT.md)
              edgeconv-agent run MODEL --raw IN             int8 inputs end to end in a file; prints the class of each
                  --raw-out OUT                             write the int8 outputs instead
                  --repeat N                                run each input N times and print the time

            """, "edgeconv-agent run lenet5.ecm --camera v4l2:/dev/video0"),
        new("check", """
              edgeconv-agent check --config FILE            say what is wrong with a configuration, and do nothing

            """, "edgeconv-agent check --config agent.toml"),
        new("update", """
              edgeconv-agent update PACKAGE                 a new model: checked here, and the one that runs next, on trial (AGENT.md)
                  --config FILE                             its [update] says where the slots are and whose packages are taken
                  --slots FOLDER --key FILE                 the same on the command line
                  --allow rollback                          an older version may come back

            """, "edgeconv-agent update lenet5.ecpkg --config /etc/edgeconv/agent.toml"),
        new("slots", """
              edgeconv-agent slots [confirm | back]         what the slots hold; end a trial by hand; change to the package before
                  --config FILE --slots FOLDER              as for update

            """, "edgeconv-agent slots --config /etc/edgeconv/agent.toml"),
        new("install", """
              edgeconv-agent install [MODEL]                make it a service: write a systemd unit
                  --config FILE                             for this configuration; /etc/edgeconv/agent.toml without it
                  --user NAME --root DIR --scope user       another account; into an image; without root, for oneself
                  --agent FILE                              the program that the unit starts, if not this one

            """, "sudo edgeconv-agent install /opt/edgeconv/lenet5.ecm"),
        new("uninstall", """
              edgeconv-agent uninstall                      take the unit away; --root and --scope as for install

            """, "sudo edgeconv-agent uninstall"),
        new("safe", """
              edgeconv-agent safe --config FILE             switch the lines of all rules off, as the service does after a crash

            """, "edgeconv-agent safe --config /etc/edgeconv/agent.toml"),
        new("cameras", """
              edgeconv-agent cameras                        video devices with their formats and sizes

            """, "edgeconv-agent cameras"),
        new("selftest", """
              edgeconv-agent selftest MODEL                 compare with the golden vectors in the model, layer by layer

            """, "edgeconv-agent selftest lenet5.ecm --path all"),
        new("bench", """
              edgeconv-agent bench MODEL                    time of the model on each path, and of each layer

            """, "edgeconv-agent bench lenet5.ecm --threads 4"),
        new("paths", """
              edgeconv-agent paths                          kernel paths, best first, and which of them this processor has

            """, "edgeconv-agent paths"),
    ];

    private static readonly (string[] Verbs, string Text)[] _shared =
    [
        (["run", "selftest", "bench", "update"], """
              --path NAME     one kernel path (run, selftest, bench, update); 'all' (selftest, bench). EDGECONV_PATH does the same.

            """),
        (["run", "selftest", "bench"], """
              --key FILE      a public key: MODEL must be signed by it, in MODEL.sig or as a package

            """),
        (["run", "bench", "update"], """
              --threads N     threads that share the work of large layers (run, bench, update); the answers are the same

            """),
    ];

    /// <summary>The verbs, for a message.</summary>
    public static string Verbs { get; } = $"{string.Join(", ", _verbs[..^1].Select(verb => verb.Name))} or {_verbs[^1].Name}";

    /// <summary>Whether a word is one of them.</summary>
    public static bool IsVerb(string word) => _verbs.Any(verb => verb.Name == word);

    /// <summary>Of the verb that a command line begins with, or of all.</summary>
    public static string For(IReadOnlyList<string> args) => _verbs.FirstOrDefault(verb => args.Count > 0 && verb.Name == args[0]) is { } verb
        ? verb.Text + Shared(verb) + Uris(verb) + $"Example: {verb.Example}\n" + ExitCodes
        : "edgeconv-agent: runs an EdgeConv model on this board.\n\n" + string.Concat(_verbs.Select(each => each.Text)) + "\n"
            + string.Concat(_shared.Select(shared => shared.Text)) + Common + "\n" + Uris(_verbs[0]) + $"Example: {_verbs[0].Example}\n" + ExitCodes;

    private static string Shared(Verb verb) =>
        string.Concat(_shared.Where(shared => shared.Verbs.Contains(verb.Name)).Select(shared => shared.Text)) + "\n";

    private static string Uris(Verb verb) => verb.Name == "run" ? $"URI: {CameraUri.Forms}\n" : "";

    private sealed record Verb(string Name, string Text, string Example);
}
