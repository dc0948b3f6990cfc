using System;
using UnityEngine;

namespace GameSockets.Unity
{
    /// <summary>
    /// Holds an instance of GameSockets for as long as its object lives, and raises its events once per frame, on Unity's
    /// main thread, before other scripts update.
    /// </summary>
    [DefaultExecutionOrder(-100)]
    [AddComponentMenu("GameSockets/Networking Pump")]
    public sealed class NetworkingPump : MonoBehaviour
    {
        [Tooltip("Who we are, such as str:alice. Empty: anonymous.")]
        [SerializeField]
        private string identity = string.Empty;

        private NetworkingSockets sockets;

        /// <summary>The instance; it starts when it is first asked for.</summary>
        /// <exception cref="NativeLibraryException">The native library is absent, or of another version.</exception>
        public NetworkingSockets Sockets
        {
            get
            {
                if (sockets == null)
                {
                    sockets = new NetworkingSockets(new NetworkingSocketsOptions { Identity = identity });
                }
                return sockets;
            }
        }

        private void Update()
        {
            if (sockets == null)
            {
                return;
            }
            try
            {
                sockets.Poll();
            }
            catch (Exception error)
            {
                // Of a handler. The events after it come with the next frame.
                Debug.LogException(error, this);
            }
        }

        private void OnDestroy()
        {
            sockets?.Dispose();
            sockets = null;
        }
    }
}
