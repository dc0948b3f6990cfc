using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace GameSockets.Tests
{
    /// <summary>
    /// Reads JSON: objects as dictionaries, lists, texts, <c>long</c> for whole numbers, <c>double</c> for others,
    /// <c>bool</c> and null. mono has no reader of its own.
    /// </summary>
    internal sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text)
        {
            this.text = text;
        }

        internal static object Parse(string text)
        {
            var reader = new Json(text);
            object value = reader.Value();
            reader.Space();
            return reader.at == text.Length ? value : throw reader.Wrong("more than one value");
        }

        internal static string Quote(string text)
        {
            return "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
        }

        private object Value()
        {
            Space();
            char next = Peek();
            switch (next)
            {
                case '{':
                    return Object();
                case '[':
                    return List();
                case '"':
                    return Text();
                case 't':
                    return Word("true", true);
                case 'f':
                    return Word("false", false);
                case 'n':
                    return Word("null", null);
                default:
                    return Number();
            }
        }

        private Dictionary<string, object> Object()
        {
            var result = new Dictionary<string, object>();
            Take('{');
            while (!TryEnd('}', result.Count))
            {
                Space();
                string key = Text();
                Space();
                Take(':');
                result.Add(key, Value());
            }
            return result;
        }

        private List<object> List()
        {
            var result = new List<object>();
            Take('[');
            while (!TryEnd(']', result.Count))
            {
                result.Add(Value());
            }
            return result;
        }

        private bool TryEnd(char end, int count)
        {
            Space();
            if (Peek() == end)
            {
                at++;
                return true;
            }
            if (count > 0)
            {
                Take(',');
            }
            return false;
        }

        private string Text()
        {
            var result = new StringBuilder();
            Take('"');
            while (Peek() != '"')
            {
                char next = text[at++];
                result.Append(next == '\\' ? Escaped() : next);
            }
            at++;
            return result.ToString();
        }

        private char Escaped()
        {
            char kind = Peek();
            at++;
            switch (kind)
            {
                case 'n':
                    return '\n';
                case 't':
                    return '\t';
                case 'r':
                    return '\r';
                case 'b':
                    return '\b';
                case 'f':
                    return '\f';
                case 'u':
                    at += 4;
                    return (char)int.Parse(text.Substring(at - 4, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                default:
                    return kind;
            }
        }

        private object Number()
        {
            int start = at;
            while (at < text.Length && "+-.eE0123456789".IndexOf(text[at]) >= 0)
            {
                at++;
            }
            string number = text.Substring(start, at - start);
            if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            {
                return whole;
            }
            return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)
                ? real
                : throw Wrong("no value");
        }

        private object Word(string word, object value)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
            {
                throw Wrong("no value");
            }
            at += word.Length;
            return value;
        }

        private void Space()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
        }

        private char Peek()
        {
            return at < text.Length ? text[at] : throw Wrong("it ends early");
        }

        private void Take(char wanted)
        {
            if (Peek() != wanted)
            {
                throw Wrong("no " + wanted);
            }
            at++;
        }

        private FormatException Wrong(string problem)
        {
            string rest = text.Substring(Math.Min(at, text.Length));
            return new FormatException("JSON: " + problem + " at " + at + ": " + rest.Substring(0, Math.Min(40, rest.Length)));
        }
    }
}
