using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GameSockets.Tests.Conformance;
using NUnit.Framework;

namespace GameSockets.Tests
{
    using Record = Dictionary<string, object>;

    /// <summary>The conformance scripts, each a test. None is left out.</summary>
    public sealed class ConformanceTests
    {
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
        private static readonly TimeSpan InVain = TimeSpan.FromSeconds(0.1);
        private static readonly Lazy<Record> File = new Lazy<Record>(() =>
            (Record)Json.Parse(System.IO.File.ReadAllText(Programs.Conformance)));

        public static IEnumerable<TestCaseData> Scripts()
        {
            foreach (Record script in (List<object>)File.Value["scripts"])
            {
                yield return new TestCaseData(script["name"]).SetName("Conformance(" + script["name"] + ")");
            }
        }

        [Test]
        public void ThereAreScripts()
        {
            Assert.That(File.Value["format"], Is.EqualTo(1));
            Assert.That(Scripts().Count(), Is.GreaterThan(80));
        }

        [TestCaseSource(nameof(Scripts))]
        public void Conformance(string name)
        {
            Record script = ((List<object>)File.Value["scripts"]).Cast<Record>().Single(other => (string)other["name"] == name);
            List<Record> steps = ((List<object>)script["steps"]).Cast<Record>().ToList();
            bool mustFail = script.TryGetValue("must_fail", out object flag) && flag is bool isSet && isSet;
            using var player = new Player((List<object>)script["instances"]);
            foreach (Record step in mustFail ? steps.Take(steps.Count - 1) : steps)
            {
                try
                {
                    player.Play(step, Longest);
                }
                catch (WrongException wrong)
                {
                    Assert.Fail(step["place"] + ": " + wrong.Message);
                }
            }
            if (mustFail)
            {
                Assert.Throws<WrongException>(() => player.Play(steps.Last(), InVain));
            }
        }
    }
}
