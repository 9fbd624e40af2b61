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
    /// <param name="standard">Its value when it is not given.</param>
    public static Option<int> Memory(int standard = 256) => Ranged("--memory", "Memory of the machine in MiB.", "MIB", standard, 1, 1 << 20);

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

    /// <summary>An option that takes one of an enumeration's names, in small letters.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">Its help.</param>
    /// <param name="standard">Its value when it is not given; null when it must be.</param>
    public static Option<T> Choice<T>(string name, string description, T? standard)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(value => value.ToLowerInvariant()).ToList();
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            Required = standard is null,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (names.IndexOf(text) is >= 0 and var index)
                    return Enum.GetValues<T>()[index];
                result.AddError($"{name} takes one of {string.Join(", ", names)}, not {text}.");
                return default;
            },
        };
        if (standard is { } value)
            option.DefaultValueFactory = _ => value;
        option.CompletionSources.Add([.. names]);
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
