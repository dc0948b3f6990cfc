using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    /// <summary>
    /// Values of the scripts, and what is expected of answers: tests/conformance/README.md says what they mean. Neutral
    /// values are long, double, bool, string, byte[], List and Dictionary, and null for nothing.
    /// </summary>
    internal static class Values
    {
        /// <summary>The value that is handed over.</summary>
        internal static object Plain(object value, Record saved)
        {
            if (value is List<object> list)
            {
                return list.ConvertAll(element => Plain(element, saved));
            }
            if (!(value is Record form))
            {
                return value;
            }
            if (form.TryGetValue("$hex", out object hex))
            {
                return Bytes((string)hex);
            }
            if (form.TryGetValue("$fill", out object fill))
            {
                return Enumerable.Repeat((byte)(long)fill, (int)(long)form["$size"]).ToArray();
            }
            if (form.TryGetValue("$saved", out object name))
            {
                return saved[(string)name];
            }
            if (form.TryGetValue("$float", out object real))
            {
                return Convert.ToDouble(real, CultureInfo.InvariantCulture);
            }
            if (form.TryGetValue("$int", out object whole))
            {
                return long.Parse((string)whole, CultureInfo.InvariantCulture);
            }
            if (form.TryGetValue("$options", out object options))
            {
                return Plain(options, saved);
            }
            return form.ToDictionary(entry => entry.Key, entry => Plain(entry.Value, saved));
        }

        /// <summary>What is wrong with an answer; null if it is as expected.</summary>
        internal static string Mismatch(object expected, object answer, Record saved)
        {
            if (expected is List<object> list)
            {
                return ListMismatch(list, answer, saved);
            }
            if (expected is Record record && !record.Keys.Any(key => key.StartsWith("$", StringComparison.Ordinal)))
            {
                return RecordMismatch(record, answer, saved);
            }
            return Fits(expected, answer, saved) ? null : " is " + Show(answer) + ", expected " + Show(expected);
        }

        /// <summary>The part of an answer at a path of keys and numbers.</summary>
        internal static object Part(object answer, string path)
        {
            foreach (string key in path.Split(new[] { '.' }, StringSplitOptions.RemoveEmptyEntries))
            {
                answer = answer is Record record ? record[key]
                    : ((List<object>)answer)[int.Parse(key, CultureInfo.InvariantCulture)];
            }
            return answer;
        }

        internal static string Show(object value)
        {
            string text;
            switch (value)
            {
                case null:
                    text = "nothing";
                    break;
                case string words:
                    text = "\"" + words + "\"";
                    break;
                case byte[] bytes:
                    text = bytes.Length + " bytes " + BitConverter.ToString(bytes, 0, Math.Min(40, bytes.Length));
                    break;
                case Record record:
                    text = "{" + string.Join(", ", record.Select(entry => entry.Key + ": " + Show(entry.Value))) + "}";
                    break;
                case List<object> list:
                    text = "[" + string.Join(", ", list.Select(Show)) + "]";
                    break;
                default:
                    text = Convert.ToString(value, CultureInfo.InvariantCulture);
                    break;
            }
            return text.Length > 500 ? text.Substring(0, 500) + " ..." : text;
        }

        internal static string TypeOf(object value)
        {
            switch (value)
            {
                case bool _:
                    return "bool";
                case long _:
                    return "int";
                case double _:
                    return "float";
                case string _:
                    return "text";
                case byte[] _:
                    return "bytes";
                case List<object> _:
                    return "list";
                case Record _:
                    return "record";
                default:
                    return "nothing";
            }
        }

        /// <summary>Whether an answer is what a single value or a special form expects.</summary>
        private static bool Fits(object expected, object answer, Record saved)
        {
            if (expected is Record form)
            {
                if (form.TryGetValue("$any", out object kind))
                {
                    return (string)kind == "variant" || (string)kind == TypeOf(answer);
                }
                if (form.TryGetValue("$contains", out object part))
                {
                    return answer is string text && text.Contains((string)part);
                }
                if (form.ContainsKey("$empty"))
                {
                    return IsEmpty(answer);
                }
                if (form.TryGetValue("$not", out object wrong))
                {
                    return Mismatch(wrong, answer, saved) != null;
                }
                if (form.TryGetValue("$unordered", out object values))
                {
                    return answer is List<object> left && FitsUnordered((List<object>)values, left.ToList(), saved);
                }
                if (form.ContainsKey("$min") || form.ContainsKey("$max"))
                {
                    return answer is long || answer is double ? IsBetween(form, answer, saved) : false;
                }
            }
            return AreSame(Plain(expected, saved), answer);
        }

        private static bool AreSame(object wanted, object answer)
        {
            switch (wanted)
            {
                case double real when answer is double found:
                    return Math.Abs(real - found) <= 1e-6 * Math.Max(Math.Abs(real), 1.0);
                case byte[] bytes:
                    return answer is byte[] others && bytes.SequenceEqual(others);
                case List<object> list:
                    return answer is List<object> elements && list.Count == elements.Count
                        && list.Zip(elements, AreSame).All(same => same);
                case Record record:
                    return answer is Record fields && record.Count == fields.Count && record.All(
                        entry => fields.TryGetValue(entry.Key, out object value) && AreSame(entry.Value, value));
                default:
                    return TypeOf(wanted) == TypeOf(answer) && Equals(wanted, answer);
            }
        }

        private static bool IsBetween(Record form, object answer, Record saved)
        {
            decimal number = Convert.ToDecimal(answer, CultureInfo.InvariantCulture);
            decimal Bound(string key) => Convert.ToDecimal(Plain(form[key], saved), CultureInfo.InvariantCulture);
            return (!form.ContainsKey("$min") || Bound("$min") <= number)
                && (!form.ContainsKey("$max") || number <= Bound("$max"));
        }

        private static bool IsEmpty(object answer)
        {
            return answer == null || (answer is string text && text.Length == 0)
                || (answer is ICollection collection && collection.Count == 0);
        }

        private static bool FitsUnordered(List<object> values, List<object> left, Record saved)
        {
            if (values.Count != left.Count)
            {
                return false;
            }
            foreach (object value in values)
            {
                int found = left.FindIndex(answer => Mismatch(value, answer, saved) == null);
                if (found < 0)
                {
                    return false;
                }
                left.RemoveAt(found);
            }
            return true;
        }

        private static string ListMismatch(List<object> expected, object answer, Record saved)
        {
            if (!(answer is List<object> list) || list.Count != expected.Count)
            {
                return " is " + Show(answer) + ", expected " + expected.Count + " elements";
            }
            for (int index = 0; index < list.Count; index++)
            {
                string problem = Mismatch(expected[index], list[index], saved);
                if (problem != null)
                {
                    return "." + index + problem;
                }
            }
            return null;
        }

        private static string RecordMismatch(Record expected, object answer, Record saved)
        {
            if (!(answer is Record record))
            {
                return " is " + Show(answer) + ", expected a record";
            }
            foreach (KeyValuePair<string, object> entry in expected)
            {
                if (!record.TryGetValue(entry.Key, out object value))
                {
                    return "." + entry.Key + " is missing in " + Show(answer);
                }
                string problem = Mismatch(entry.Value, value, saved);
                if (problem != null)
                {
                    return "." + entry.Key + problem;
                }
            }
            return null;
        }

        private static byte[] Bytes(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (int index = 0; index < bytes.Length; index++)
            {
                bytes[index] = byte.Parse(hex.Substring(2 * index, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            return bytes;
        }
    }
}
