using System;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        /// <summary>
        /// Sets an option for this instance. It reaches existing listen sockets and connections at once, unless they have a
        /// value of their own or the handshake has locked it.
        /// </summary>
        /// <param name="option">The option and its value.</param>
        /// <exception cref="NetworkingException">There is no such option, or it cannot have this value.</exception>
        public void SetConfigValue(ConfigOption option)
        {
            Configuration.Set(Instance, ConfigScope.Global, 0, option);
            GC.KeepAlive(this);
        }

        /// <summary>What an option is for this instance.</summary>
        public ConfigSetting GetConfigValue(ConfigValue option)
        {
            ConfigSetting setting = Configuration.Get(Instance, ConfigScope.Global, 0, option);
            GC.KeepAlive(this);
            return setting;
        }

        /// <summary>Takes back what was set: the option has its default again.</summary>
        public void ClearConfigValue(ConfigValue option)
        {
            Configuration.Clear(Instance, ConfigScope.Global, 0, option);
            GC.KeepAlive(this);
        }
    }
}
