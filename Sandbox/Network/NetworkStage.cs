namespace GuestOS.Sandbox.Network;

/// <summary>How far the set-up of an adapter has come (protocol 6.3).</summary>
public enum NetworkStage
{
    /// <summary>The channel is not open.</summary>
    Closed,

    /// <summary>Waits for INIT.</summary>
    Version,

    /// <summary>From version 2 on: waits for NDIS_CONFIG.</summary>
    Config,

    /// <summary>Waits for the receive buffer.</summary>
    ReceiveBuffer,

    /// <summary>Waits for the send buffer, or does without.</summary>
    SendBuffer,

    /// <summary>Waits for RNDIS INITIALIZE.</summary>
    Initialize,

    /// <summary>RNDIS is up.</summary>
    Running,

    /// <summary>After HALT, or a buffer was revoked.</summary>
    Halted,
}
