using System.CommandLine;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Commands;

/// <summary>Options that several commands have; each command gets objects of its own.</summary>
internal static class CommonOptions
{
    /// <summary>The kernel takes at most this many processors.</summary>
    private const int MostCpus = 64;

    /// <summary>--host.</summary>
    public static Option<string> Host()
    {
        var option = new Option<string>("--host")
        {
            Description = "Where to run the machine: the best host there is, or one by name.",
            DefaultValueFactory = _ => HostChoice.Auto,
        };
        return option.AcceptOnlyFromAmong([.. HostChoice.Names]);
    }

    /// <summary>--image.</summary>
    public static Option<string?> Image() => new("--image")
    {
        Description = "Boot this image (ISO, disk image, VHD, VHDX or ELF) instead of building one. It is not written to.",
        HelpName = "FILE",
    };

    /// <summary>--program.</summary>
    public static Option<string?> Program() => new("--program")
    {
        Description = "Project file of a console application that the image runs instead of the kernel's console.",
        HelpName = "CSPROJ",
    };

    /// <summary>--append.</summary>
    public static Option<string> Append(string description) => new("--append")
    {
        Description = description,
        HelpName = "OPTIONS",
        DefaultValueFactory = _ => "",
    };

    /// <summary>--cpus.</summary>
    public static Option<int> Cpus() => Ranged("--cpus", "Processors of the machine.", "N", Math.Min(Environment.ProcessorCount, 4), 1, MostCpus);

    /// <summary>--memory.</summary>
    public static Option<int> Memory() => Ranged("--memory", "Memory of the machine in MiB.", "MIB", 256, 1, 1 << 20);

    /// <summary>--timeout.</summary>
    public static Option<int?> Timeout()
    {
        var option = new Option<int?>("--timeout")
        {
            Description = "Seconds after which the machine is stopped. Without it, it runs until it powers off.",
            HelpName = "S",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
                result.AddError("--timeout takes a number of seconds from 1 on.");
        });
        return option;
    }

    /// <summary>An integer option with bounds.</summary>
    public static Option<int> Ranged(string name, string description, string helpName, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 0 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
                result.AddError($"{name} takes a number from {least} to {most}, not {value}.");
        });
        return option;
    }
}
