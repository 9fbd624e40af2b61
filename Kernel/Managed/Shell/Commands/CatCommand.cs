using System.Text;
using GuestOS.Kernel.FileSystems;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows a text file.</summary>
internal sealed class CatCommand : ICommand
{
    private const int ChunkSize = 16 * 1024;

    public string Name => "cat";

    public string Arguments => "<path>";

    public string Summary => "shows a text file";

    public IEnumerable<string> Complete(KernelSystem system, string start) => PathCompletion.Complete(system, start);

    public async ValueTask ExecuteAsync(CommandContext context)
    {
        string path = context.RequireOne("the path of a file");
        FileResult<FilePlace> place = await context.System.Files.FindAsync(path, cancellationToken: context.CancellationToken).ConfigureAwait(false);
        if (!place.IsSuccess)
            throw new CommandException(place.Error.Message);
        var bytes = new byte[ChunkSize];
        var characters = new char[ChunkSize];
        Decoder decoder = Encoding.UTF8.GetDecoder();
        ulong position = 0;
        while (true)
        {
            FileResult<int> read = await place.Value.FileSystem.ReadAsync(place.Value.Node, position, bytes, context.CancellationToken).ConfigureAwait(false);
            if (!read.IsSuccess)
                throw new CommandException(read.Error.Message);
            if (position == 0 && bytes.AsSpan(0, read.Value).Contains((byte)0))
                throw new CommandException($"'{path}' is not a text file.");
            int count = decoder.GetChars(bytes, 0, read.Value, characters, 0, flush: read.Value == 0);
            context.Output.Write(Printable(characters.AsSpan(0, count)));
            if (read.Value == 0)
                return;
            position += (ulong)read.Value;
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A file may not drive the terminal: control characters but tab and line feed show as a replacement; carriage returns are left out.</summary>
    private static string Printable(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (character != '\r')
                result.Append(char.IsControl(character) && character is not ('\t' or '\n') ? '\uFFFD' : character);
        }

        return result.ToString();
    }
}
