namespace GameSockets
{
    /// <summary>The value of an option at a scope.</summary>
    public readonly struct ConfigSetting
    {
        internal ConfigSetting(ConfigOption option, GetConfigValueResult result)
        {
            Option = option;
            IsInherited = result == GetConfigValueResult.OkInherited;
        }

        /// <summary>The option, with the value that applies.</summary>
        public ConfigOption Option { get; }

        /// <summary>Whether the value comes from a wider scope.</summary>
        public bool IsInherited { get; }

        /// <summary>The option, its value, and where it comes from, for logs.</summary>
        public override string ToString()
        {
            return IsInherited ? Option + " (inherited)" : Option.ToString();
        }
    }
}
