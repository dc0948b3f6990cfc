using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    /// <summary>A step went otherwise than expected.</summary>
    internal sealed class WrongException : Exception
    {
        internal WrongException(string message)
            : base(message)
        {
        }
    }

    /// <summary>One run of a script.</summary>
    internal sealed class Player : IDisposable
    {
        private static readonly object Anything = new Record { ["$any"] = "variant" };
        private const int PauseMilliseconds = 2;

        private readonly Dictionary<string, Calls> instances;
        private readonly Record saved = new Record();
        private TimeSpan limit;
        private Stopwatch waited;

        internal Player(IEnumerable<object> names)
        {
            instances = names.ToDictionary(name => (string)name, _ => new Calls());
        }

        private bool IsOver => waited.Elapsed > limit;

        public void Dispose()
        {
            foreach (Calls calls in instances.Values)
            {
                calls.Dispose();
            }
        }

        /// <summary>Does one step.</summary>
        internal void Play(Record step, TimeSpan longest)
        {
            limit = longest;
            waited = Stopwatch.StartNew();
            object expected = step.TryGetValue("expect", out object given) ? given : Anything;
            Calls calls = instances[(string)step["on"]];
            if (step.TryGetValue("no_event", out object unwanted))
            {
                calls.Pump();
                int found = Find(calls, (string)unwanted, expected);
                if (found >= 0)
                {
                    throw new WrongException(unwanted + " was told: " + Values.Show(calls.Told[found].Event));
                }
                return;
            }
            bool isEvent = step.TryGetValue("event", out object signal);
            object answer = isEvent ? WaitEvent(calls, (string)signal, expected) : Call(calls, step, expected);
            string problem = Values.Mismatch(expected, answer, saved);
            if (problem != null)
            {
                throw new WrongException((isEvent ? signal : step["call"]) + problem);
            }
            if (step.TryGetValue("save", out object save))
            {
                foreach (KeyValuePair<string, object> entry in (Record)save)
                {
                    saved[entry.Key] = Values.Part(answer, (string)entry.Value);
                }
            }
        }

        /// <summary>Calls a function, again and again where the step says so.</summary>
        private object Call(Calls calls, Record step, object expected)
        {
            var arguments = (List<object>)Values.Plain(step["args"], saved);
            var gathered = new List<object>();
            while (true)
            {
                object answer = calls.Call((string)step["call"], arguments);
                bool isDone = true;
                if (step.TryGetValue("count", out object count) && count != null)
                {
                    gathered.AddRange((List<object>)answer);
                    answer = gathered;
                    isDone = gathered.Count >= (long)count;
                }
                else if (step.TryGetValue("wait", out object wait) && wait is bool isWanted && isWanted)
                {
                    isDone = Values.Mismatch(expected, answer, saved) == null;
                }
                if (isDone || IsOver)
                {
                    return answer;
                }
                Thread.Sleep(PauseMilliseconds);
            }
        }

        /// <summary>Takes the first event that fits; none of the same connection may have come before it unasked.</summary>
        private object WaitEvent(Calls calls, string signal, object expected)
        {
            calls.Pump();
            int found;
            while ((found = Find(calls, signal, expected)) < 0)
            {
                if (IsOver)
                {
                    string told = string.Join("\n", calls.Told.Select(other => other.Signal + Values.Show(other.Event)));
                    throw new WrongException("no " + signal + " as expected came; told were: " + told);
                }
                Thread.Sleep(PauseMilliseconds);
                calls.Pump();
            }
            Record record = calls.Told[found].Event;
            calls.Told.RemoveAt(found);
            foreach ((string earlier, Record about) in calls.Told.Take(found))
            {
                if (earlier == signal && about.TryGetValue("connect_handle", out object handle)
                    && handle.Equals(record["connect_handle"]))
                {
                    throw new WrongException("before " + Values.Show(record) + ", this came: " + Values.Show(about));
                }
            }
            return record;
        }

        private int Find(Calls calls, string signal, object expected)
        {
            return calls.Told.FindIndex(
                told => told.Signal == signal && Values.Mismatch(expected, told.Event, saved) == null);
        }
    }
}
