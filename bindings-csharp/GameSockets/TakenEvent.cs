namespace GameSockets
{
    /// <summary>An event that the native library has handed over.</summary>
    internal struct TakenEvent
    {
        internal NativeEvent Native;

        /// <summary>Its text, if it has one that somebody wants to hear.</summary>
        internal string Text;

        /// <summary>The connection whose status changed.</summary>
        internal Connection Connection;
    }
}
