namespace GuestOS.Services.Shutdown;

/// <summary>What a program does before the machine goes down.</summary>
/// <param name="request">What the host asks for.</param>
/// <param name="cancellationToken">Cancelled at the deadline; the machine then goes down without this handler.</param>
/// <returns>False to refuse, which counts unless the request is forced.</returns>
public delegate ValueTask<bool> ShutdownHandler(ShutdownRequest request, CancellationToken cancellationToken);
