using System;

namespace GameSockets
{
    /// <summary>Options at any scope.</summary>
    internal static unsafe class Configuration
    {
        internal static void Set(ulong instance, ConfigScope scope, uint scopeObject, ConfigOption option)
        {
            using (var native = new NativeOptions(new[] { option }))
            {
                NetworkingException.ThrowUnlessOk(
                    NativeMethods.SetConfigValue(instance, (int)scope, scopeObject, native.Entries));
            }
        }

        internal static void Clear(ulong instance, ConfigScope scope, uint scopeObject, ConfigValue option)
        {
            NetworkingException.ThrowUnlessOk(
                NativeMethods.ClearConfigValue(instance, (int)scope, scopeObject, (int)option));
        }

        internal static ConfigSetting Get(ulong instance, ConfigScope scope, uint scopeObject, ConfigValue option)
        {
            NativeConfigSetting setting = default;
            string text = Utf8.Read((buffer, capacity, length) =>
            {
                NativeConfigSetting answer;
                Result result = NativeMethods.GetConfigValue(
                    instance, (int)scope, scopeObject, (int)option, &answer, buffer, capacity, length);
                setting = answer;
                return result;
            });
            var type = (ConfigDataType)setting.DataType;
            string value = type == ConfigDataType.String ? text : null;
            var found = new ConfigOption(option, type, setting.Integer, setting.Real, value);
            return new ConfigSetting(found, (GetConfigValueResult)setting.Result);
        }
    }
}
