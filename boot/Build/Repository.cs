namespace GuestOS.Boot.Build;

/// <summary>Where the project's sources are, and where the tool puts what it makes.</summary>
/// <param name="Root">Absolute path of the folder that holds the solution.</param>
internal sealed record Repository(string Root)
{
    private const string SolutionName = "GuestOS.sln";

    /// <summary>Everything that the tool makes; the folder can be removed at any time.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>Built kernels, one folder per program.</summary>
    public string Kernels => Path.Combine(Artifacts, "kernel");

    /// <summary>Images that <c>run</c> and <c>smoke</c> build for themselves.</summary>
    public string Images => Path.Combine(Artifacts, "images");

    /// <summary>What is kept of runs that failed, one folder per run.</summary>
    public string Runs => Path.Combine(Artifacts, "runs");

    /// <summary>Finds the sources that this program was built from, going up from its own folder.</summary>
    /// <exception cref="ToolException">The program was copied away from its sources.</exception>
    public static Repository Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, SolutionName)))
                return new Repository(folder.FullName);
        throw new ToolException($"{SolutionName} is in no folder above {AppContext.BaseDirectory}: run this tool from a clone of the project.");
    }

    /// <summary>A path below the root in the form that reads best in messages: relative to the current folder when it lies below it.</summary>
    public static string Display(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
