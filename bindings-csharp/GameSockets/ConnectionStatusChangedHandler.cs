namespace GameSockets
{
    /// <summary>Hears of a connection that was created, changed its state or died.</summary>
    /// <param name="change">What happened. By reference, so that nothing is allocated or copied.</param>
    public delegate void ConnectionStatusChangedHandler(in ConnectionStatusChange change);
}
