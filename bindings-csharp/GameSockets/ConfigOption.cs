using System;
using System.Globalization;

namespace GameSockets
{
    /// <summary>An option and its value. The library converts it to the option's type and clamps it to its range.</summary>
    public readonly struct ConfigOption
    {
        /// <summary>An option with a number.</summary>
        public ConfigOption(ConfigValue option, int value)
            : this(option, ConfigDataType.Int32, value, 0, null)
        {
        }

        /// <summary>An option with a long number.</summary>
        public ConfigOption(ConfigValue option, long value)
            : this(option, ConfigDataType.Int64, value, 0, null)
        {
        }

        /// <summary>An option with a float.</summary>
        public ConfigOption(ConfigValue option, float value)
            : this(option, ConfigDataType.Float, 0, value, null)
        {
        }

        /// <summary>An option with a text.</summary>
        public ConfigOption(ConfigValue option, string value)
            : this(option, ConfigDataType.String, 0, 0, value ?? throw new ArgumentNullException(nameof(value)))
        {
        }

        internal ConfigOption(ConfigValue option, ConfigDataType dataType, long integer, float real, string text)
        {
            Option = option;
            DataType = dataType;
            Integer = integer;
            Real = real;
            Text = text;
        }

        /// <summary>Which option.</summary>
        public ConfigValue Option { get; }

        /// <summary>The type of the value.</summary>
        public ConfigDataType DataType { get; }

        /// <summary>The value, if it is an Int32 or an Int64.</summary>
        public long Integer { get; }

        /// <summary>The value, if it is a Float.</summary>
        public float Real { get; }

        /// <summary>The value, if it is a String; else null.</summary>
        public string Text { get; }

        /// <summary>The option and its value, for logs.</summary>
        public override string ToString()
        {
            string value = DataType == ConfigDataType.String ? Text
                : DataType == ConfigDataType.Float ? Real.ToString(CultureInfo.InvariantCulture)
                : Integer.ToString(CultureInfo.InvariantCulture);
            return Option + " = " + value;
        }
    }
}
