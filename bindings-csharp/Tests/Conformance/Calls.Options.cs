using System;
using System.Collections.Generic;
using System.Linq;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    internal sealed partial class Calls
    {
        private static ConfigOption[] Options(List<object> given, int at)
        {
            return given.Count <= at ? Array.Empty<ConfigOption>()
                : ((List<object>)given[at]).Select(pair => Option(((List<object>)pair)[0], ((List<object>)pair)[1])).ToArray();
        }

        private static ConfigOption Option(object number, object value)
        {
            var option = (ConfigValue)(long)number;
            switch (value)
            {
                case double real:
                    return new ConfigOption(option, (float)real);
                case string text:
                    return new ConfigOption(option, text);
                case long whole when whole >= int.MinValue && whole <= int.MaxValue:
                    return new ConfigOption(option, (int)whole);
                case long whole:
                    return new ConfigOption(option, whole);
                default:
                    throw new ArgumentException("an option cannot be a " + Values.TypeOf(value));
            }
        }

        private void AddOptions()
        {
            foreach (string type in new[] { "Int32", "Float", "String" })
            {
                functions["SetGlobalConfigValue" + type] = given => Set(given[0], given[1], ConfigScope.Global, 0L);
                functions["SetConnectionConfigValue" + type] =
                    given => Set(given[1], given[2], ConfigScope.Connection, given[0]);
            }
            functions["SetConfigValue"] = given =>
                TypeFits((ConfigDataType)(long)given[3], given[4]) && (bool)Set(given[0], given[4], (ConfigScope)(long)given[1], given[2]);
            functions["SetConfigValueStruct"] = given =>
            {
                var option = (Record)given[0];
                return Set(option["option"], option["value"], (ConfigScope)(long)given[1], given[2]);
            };
            functions["GetConfigValue"] = given =>
                Get((ConfigValue)(long)given[0], (ConfigScope)(long)given[1], unchecked((uint)(long)given[2]));
            functions["GetConfigValueInfo"] = given => Try<object>(
                () =>
                {
                    Record info = Neutral.Of(NetworkingUtils.GetConfigValueInfo((ConfigValue)(long)given[0]));
                    return new Record { ["name"] = info["name"], ["type"] = info["data_type"], ["scope"] = info["scope"] };
                },
                _ => new Record());
            functions["IterateGenericEditableConfigValues"] = given =>
            {
                List<ConfigValue> all = NetworkingUtils.EditableConfigValues((bool)given[1]).ToList();
                var current = (ConfigValue)(long)given[0];
                int next = current == ConfigValue.Invalid ? 0 : all.IndexOf(current) + 1;
                bool isKnown = current == ConfigValue.Invalid || next > 0;
                return isKnown && next < all.Count ? (long)all[next] : 0L;
            };
        }

        private static bool TypeFits(ConfigDataType type, object value)
        {
            switch (type)
            {
                case ConfigDataType.Int32:
                case ConfigDataType.Int64:
                    return value is long;
                case ConfigDataType.Float:
                    return value is double || value is long;
                case ConfigDataType.String:
                    return value is string;
                default:
                    return false;
            }
        }

        private object Set(object option, object value, ConfigScope scope, object scopeObject)
        {
            uint target = unchecked((uint)(long)scopeObject);
            switch (scope)
            {
                case ConfigScope.Global when target == 0:
                    return Worked(() => sockets.SetConfigValue(Option(option, value)));
                case ConfigScope.ListenSocket:
                    return Worked(() => SocketOf(scopeObject).SetConfigValue(Option(option, value)));
                case ConfigScope.Connection:
                    return Worked(() => ConnectionOf(scopeObject).SetConfigValue(Option(option, value)));
                default:
                    return Worked(() => Configuration.Set(sockets.Instance, scope, target, Option(option, value)));
            }
        }

        private unsafe object Get(ConfigValue option, ConfigScope scope, uint target)
        {
            return Try<object>(
                () =>
                {
                    ConfigSetting setting = Configuration.Get(sockets.Instance, scope, target, option);
                    GetConfigValueResult result =
                        setting.IsInherited ? GetConfigValueResult.OkInherited : GetConfigValueResult.Ok;
                    return new Record
                    {
                        ["result"] = (long)result, ["type"] = (long)setting.Option.DataType,
                        ["value"] = Neutral.BytesOf(setting.Option), ["decoded"] = Neutral.Of(setting.Option),
                    };
                },
                _ =>
                {
                    NativeConfigSetting answer = default;
                    NativeMethods.GetConfigValue(
                        sockets.Instance, (int)scope, target, (int)option, &answer, null, UIntPtr.Zero, null);
                    return new Record { ["result"] = (long)answer.Result };
                });
        }
    }
}
