using System.Text;
using GuestOS.Kernel.Block;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>SHA-256 with published answers (NIST's examples for FIPS 180: one block, two blocks, a million times 'a').</summary>
internal sealed class HashWork : ISoakWork
{
    private const string OfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private const string OfTwoBlocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    private const string OfMillion = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

    public string Name => "hash";

    public bool RunRound(int seed)
    {
        if (Sha256.HashToText("abc"u8) != OfAbc)
            return false;
        if (Sha256.HashToText(Encoding.ASCII.GetBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) != OfTwoBlocks)
            return false;

        // The long message in pieces of a length that changes, now and then: it takes long.
        if (seed % 8 != 0)
            return true;
        var hash = new Sha256();
        byte[] piece = new byte[1000 + (seed & 0xFF)];
        piece.AsSpan().Fill((byte)'a');
        for (int left = 1_000_000; left > 0; left -= piece.Length)
            hash.Append(piece.AsSpan(0, Math.Min(left, piece.Length)));
        return hash.Finish() == OfMillion;
    }
}
