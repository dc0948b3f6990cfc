using System;
using System.Collections.Generic;
using System.Reflection;
using System.Text;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    /// <summary>Answers of the package, in the form that the scripts compare.</summary>
    internal static class Neutral
    {
        /// <summary>A generated struct, by the schema's keys: <c>EndReason</c> is <c>end_reason</c>.</summary>
        internal static Record Of<T>(T value)
            where T : struct
        {
            var record = new Record();
            foreach (PropertyInfo property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                record.Add(SnakeCase(property.Name), Plain(property.GetValue(value)));
            }
            return record;
        }

        internal static Record Of(Message message)
        {
            return new Record
            {
                ["payload"] = message.Payload.ToArray(),
                ["size"] = (long)message.Size,
                ["connection"] = (long)message.ConnectionHandle,
                ["identity"] = (long)message.SteamId,
                ["receiver_user_data"] = message.UserData,
                ["time_received"] = message.TimeReceived,
                ["message_number"] = message.Number,
                ["flags"] = message.IsReliable ? (long)SendFlags.Reliable : 0L,
                ["lane"] = (long)message.Lane,
            };
        }

        internal static object Of(ConfigOption option)
        {
            switch (option.DataType)
            {
                case ConfigDataType.Float:
                    return (double)option.Real;
                case ConfigDataType.String:
                    return option.Text;
                default:
                    return option.Integer;
            }
        }

        /// <summary>As the flat API has it, in the memory of a little-endian machine.</summary>
        internal static byte[] BytesOf(ConfigOption option)
        {
            switch (option.DataType)
            {
                case ConfigDataType.Int32:
                    return BitConverter.GetBytes((int)option.Integer);
                case ConfigDataType.Float:
                    return BitConverter.GetBytes(option.Real);
                case ConfigDataType.String:
                    return Encoding.UTF8.GetBytes(option.Text);
                default:
                    return BitConverter.GetBytes(option.Integer);
            }
        }

        private static object Plain(object value)
        {
            switch (value)
            {
                case float real:
                    return (double)real;
                case ulong big:
                    return unchecked((long)big);
                case bool _:
                case string _:
                    return value;
                default:
                    return Convert.ToInt64(value);
            }
        }

        private static string SnakeCase(string name)
        {
            var text = new StringBuilder();
            foreach (char letter in name)
            {
                if (char.IsUpper(letter) && text.Length > 0)
                {
                    text.Append('_');
                }
                text.Append(char.ToLowerInvariant(letter));
            }
            return text.ToString();
        }
    }
}
