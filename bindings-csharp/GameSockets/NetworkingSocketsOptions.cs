using System.Collections.Generic;

namespace GameSockets
{
    /// <summary>What a <see cref="NetworkingSockets"/> is made with.</summary>
    public sealed class NetworkingSocketsOptions
    {
        /// <summary>
        /// Who we are, as text: <c>str:alice</c>, <c>steamid:76561197960265729</c>. Null: anonymous, known by our address.
        /// </summary>
        public string Identity { get; set; }

        /// <summary>Options of the global scope: what everything made later inherits.</summary>
        public IList<ConfigOption> Options { get; } = new List<ConfigOption>();

        /// <summary>A directory for traces of every connection; null: none are written.</summary>
        public string TraceDirectory { get; set; }

        /// <summary>How large the trace of one connection may become (bytes); 0: as the library has it.</summary>
        public long TraceSizeLimit { get; set; }
    }
}
