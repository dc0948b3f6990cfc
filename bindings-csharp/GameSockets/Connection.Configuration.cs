using System;

namespace GameSockets
{
    public sealed partial class Connection
    {
        /// <summary>Sets an option for this connection.</summary>
        /// <param name="option">The option and its value.</param>
        /// <exception cref="NetworkingException">
        /// There is no such option, it cannot have this value, or the handshake has locked it.
        /// </exception>
        public void SetConfigValue(ConfigOption option)
        {
            Configuration.Set(Instance, ConfigScope.Connection, Handle, option);
            GC.KeepAlive(Sockets);
        }

        /// <summary>What an option is here, and whether it is inherited.</summary>
        public ConfigSetting GetConfigValue(ConfigValue option)
        {
            ConfigSetting setting = Configuration.Get(Instance, ConfigScope.Connection, Handle, option);
            GC.KeepAlive(Sockets);
            return setting;
        }

        /// <summary>Takes back what was set: the option is inherited again.</summary>
        public void ClearConfigValue(ConfigValue option)
        {
            Configuration.Clear(Instance, ConfigScope.Connection, Handle, option);
            GC.KeepAlive(Sockets);
        }
    }
}
