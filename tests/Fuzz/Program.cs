using System.CommandLine;
using System.Globalization;

namespace GuestOS.Fuzz;

/// <summary>
/// The fuzzing program: <c>dotnet run -c Release --project tests/Fuzz -- --target NAME --seconds N</c>. A target ends at its first finding, the
/// others go on; the exit code is 1 then.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var target = new Option<string>("--target") { Description = "What to fuzz: a name, or all, one after another.", HelpName = "NAME", DefaultValueFactory = _ => "all" };
        var seconds = new Option<int>("--seconds") { Description = "How long each target runs.", HelpName = "N", DefaultValueFactory = _ => 60 };
        var seed = new Option<int?>("--seed") { Description = "Repeats the mutations of an earlier run.", HelpName = "N" };
        var input = new Option<FileInfo?>("--input") { Description = "Runs this one input instead (hexadecimal).", HelpName = "FILE" };
        var list = new Option<bool>("--list") { Description = "Names the targets." };
        var root = new RootCommand("Fuzzes parsers and clients with a host that sends anything at any time.") { target, seconds, seed, input, list };
        root.SetAction(result => Run(
            result.GetValue(target)!, result.GetValue(seconds), result.GetValue(seed) ?? Environment.TickCount, result.GetValue(input), result.GetValue(list)));
        return root.Parse(args).Invoke();
    }

    private static int Run(string name, int seconds, int seed, FileInfo? input, bool lists)
    {
        var targets = Fuzzer.Targets.Where(target => name == "all" || target.Name == name).ToList();
        if (targets.Count == 0)
        {
            Console.Error.WriteLine($"There is no target {name}; --list names them.");
            return 2;
        }

        byte[]? one = null;
        try
        {
            if (input is not null)
                one = FuzzTarget.ReadHex(File.ReadAllText(input.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Console.Error.WriteLine($"{input}: {e.Message}");
            return 2;
        }

        var findings = new List<string>();
        foreach (var target in targets)
        {
            if (lists)
            {
                Console.WriteLine(target.Name);
                continue;
            }

            try
            {
                if (one is not null)
                {
                    Fuzzer.RunOne(target, one);
                    continue;
                }

                var count = Fuzzer.Run(target, seed, TimeSpan.FromSeconds(seconds));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{target.Name}: {count} inputs in {seconds} s, seed {seed}, {GC.GetTotalMemory(true) >> 10} KiB at the end: nothing found"));
            }
            catch (FuzzException finding)
            {
                Console.Error.WriteLine($"{finding.Message}\nseed {seed}");
                findings.Add(target.Name);
            }
        }

        if (findings.Count == 0)
            return 0;
        Console.Error.WriteLine($"Findings in {string.Join(", ", findings)}.");
        return 1;
    }
}
