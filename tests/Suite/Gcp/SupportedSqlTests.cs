using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Gcp.BigQuery.Sql.Supported;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class SupportedSqlTests
{
    private static readonly IReadOnlyList<SqlProof> Proofs =
        [.. SqlProof.Read(File.ReadLines(RepositoryRoot.Resolve("tests/Suite/Gcp/Data/googlesql.txt")))];

    public static TheoryData<string> Sections => [.. SupportedSql.Constructs.Select(construct => construct.Section).Distinct()];

    [Theory, MemberData(nameof(Sections))]
    public async Task Each_line_of_a_section_gives_what_BigQuery_gives(string section)
    {
        await using var bigquery = await WithTablesAsync();
        var differences = new List<string>();
        foreach (var proof in Proofs.Where(proof => proof.Section == section))
        {
            StorageAnswer? answer = null;
            foreach (var statement in proof.Statements)
            {
                answer = await AskAsync(bigquery, statement);
                if (answer.Status != 200)
                {
                    break;
                }
            }

            if (proof.Difference(answer!.Json) is { } difference)
            {
                differences.Add(difference);
            }
        }

        string.Join('\n', differences).Should().BeEmpty();
    }

    [Fact]
    public void Each_line_is_proven_and_nothing_else_is()
    {
        var proven = Proofs.Select(proof => $"{proof.Section}: {proof.Construct}").Distinct();

        proven.Should().BeEquivalentTo(SupportedSql.Constructs.Select(construct => $"{construct.Section}: {construct.Form}").Distinct());
    }

    [Fact]
    public void The_readme_lists_what_the_table_says()
    {
        var readme = File.ReadAllText(RepositoryRoot.Resolve("fixtures/StandIns/Gcp/BigQuery/README.md"));

        readme.Should().Contain(SupportedSqlTable.Markdown(), "{0} is generated: put this text between its marks", "the readme's table");
    }

    [Theory]
    [InlineData("SELECT APPROX_QUANTILES(1, 2)", "function APPROX_QUANTILES")]
    [InlineData("SELECT ST_GEOGPOINT(1, 2)", "function ST_GEOGPOINT")]
    [InlineData("SELECT * FROM `d.events_*`", "wildcard tables and _TABLE_SUFFIX")]
    [InlineData("DECLARE x INT64", "procedural language (DECLARE)")]
    [InlineData("SELECT 1; SELECT 2", "multi-statement queries (scripts)")]
    [InlineData("SELECT x FROM UNNEST([1]) AS x FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()", null)]
    [InlineData("SELECT * FROM (SELECT 1 AS x) PIVOT (SUM(x) FOR x IN (1))", "PIVOT")]
    [InlineData("SELECT JSON '{}'", "type JSON")]
    [InlineData("WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a", "WITH RECURSIVE")]
    [InlineData("SELECT SQRT(NUMERIC '4')", "function SQRT(NUMERIC)")]
    [InlineData("CREATE TEMP TABLE x AS SELECT 1 AS y", "temporary tables and functions")]
    [InlineData("CREATE FUNCTION f() AS (1)", "CREATE FUNCTION")]
    [InlineData("SELECT STRUCT(1) = STRUCT(1)", "comparison of STRUCT<INT64>")]
    [InlineData("SELECT @@error.message", "system variables (@@…)")]
    [InlineData("ALTER TABLE d.t ADD COLUMN x INT64", "ALTER statements")]
    [InlineData("FROM d.t |> SELECT *", "pipe syntax")]
    public async Task What_is_not_in_the_table_is_refused_by_its_name(string sql, string? named)
    {
        await using var bigquery = await BigQueryWire.StartAsync();

        var refused = await bigquery.QueryAsync(sql);

        if (named is null)
        {
            refused.Refusal.Should().Be((400, "invalidQuery"));
            return;
        }

        refused.Refusal.Should().Be((501, "notImplemented"));
        refused.Message.Should().Be($"The BigQuery stand-in does not support {named}; see SupportedSql in its README.");
    }

    [Theory]
    [InlineData("SELECT foo", "Unrecognized name: foo at [1:8]")]
    [InlineData("SELECT 1\nFROM", "Syntax error: Unexpected end of script at [2:5]")]
    [InlineData("SELECT 'abc", "Syntax error: Unclosed string literal at [1:8]")]
    [InlineData("SELECT FOO(1)", "Function not found: FOO at [1:8]")]
    [InlineData("SELECT LENGTH(1)", "No matching signature for function LENGTH for argument types: INT64. Supported signatures: LENGTH(STRING); LENGTH(BYTES) at [1:8]")]
    [InlineData("SELECT 1 + 'a'", "No matching signature for operator + for argument types: INT64, STRING. Supported signatures: INT64 + INT64; FLOAT64 + FLOAT64; NUMERIC + NUMERIC; BIGNUMERIC + BIGNUMERIC at [1:10]")]
    [InlineData("SELECT CAST(1 AS FOO)", "Type not found: FOO at [1:18]")]
    [InlineData("SELECT @p", "Query parameter 'p' not found at [1:8]")]
    [InlineData("SELECT SUM(SUM(x)) FROM UNNEST([1]) AS x", "Aggregations of aggregations are not allowed at [1:12]")]
    [InlineData("SELECT x FROM UNNEST([1]) AS x WHERE SUM(x) > 1", "Aggregate function SUM not allowed in WHERE clause at [1:38]")]
    [InlineData("SELECT 1 UNION ALL SELECT 1, 2", "Queries in UNION ALL have mismatched column count; query 1 has 1 column, query 2 has 2 columns at [1:20]")]
    public async Task What_is_wrong_is_said_as_BigQuery_says_it(string sql, string message)
    {
        await using var bigquery = await BigQueryWire.StartAsync();

        var refused = await bigquery.QueryAsync(sql);

        refused.Refusal.Should().Be((400, "invalidQuery"));
        refused.Message.Should().Be(message);
    }

    [Fact]
    public async Task Legacy_SQL_is_refused_unless_the_query_says_that_it_is_not()
    {
        await using var bigquery = await BigQueryWire.StartAsync();

        (await bigquery.PostAsync($"{BigQueryWire.Root}/queries", """{"query": "SELECT 1"}""")).Message.Should().Contain("legacy SQL");
        (await bigquery.PostAsync($"{BigQueryWire.Root}/queries", """{"query": "#standardSQL\nSELECT 1"}""")).Status.Should().Be(200);
        (await bigquery.QueryAsync("#legacySQL\nSELECT 1")).Message.Should().Contain("legacy SQL");
    }

    public static TheoryData<string, string> Monsters => new()
    {
        { "SELECT " + Repeat("NOT ", 20_000) + "TRUE", "nested too deeply" },
        { "SELECT " + Repeat("- ", 20_000) + "1", "nested too deeply" },
        { "SELECT " + Repeat("(", 20_000) + "1" + Repeat(")", 20_000), "nested too deeply" },
        { Repeat("(", 20_000) + "SELECT 1" + Repeat(")", 20_000), "nested too deeply" },
        { "SELECT " + Repeat("((SELECT ", 8) + "1" + Repeat(") + 1)", 8), "" },
        { "SELECT " + Repeat("((SELECT ", 40) + "1" + Repeat(") + 1)", 40), "does not support more than 10 queries within one another" },
        { "SELECT CAST(NULL AS " + Repeat("ARRAY<", 20_000) + "INT64" + Repeat(">", 20_000) + ")", "nested too deeply" },
        { "SELECT 1 FROM " + Repeat("(", 20_000) + "t", "nested too deeply" },
        { "SELECT 1" + Repeat(" + 1", 1_500), "does not support expressions more than 400 operators deep" },
        { "SELECT x" + Repeat("[0]", 20_000) + " FROM UNNEST([1]) AS x", "does not support expressions more than 400 operators deep" },
        { "SELECT FALSE" + Repeat(" OR FALSE", 5_000), "" },
        { "SELECT COUNT(*) FROM UNNEST([1.5]) AS x GROUP BY x HAVING x > 0" + Repeat(" + x", 300), "" },
        { "SELECT x" + Repeat(" * 0.5 + x", 150) + " FROM UNNEST([1.5]) AS x", "" },
        { "SELECT " + Repeat("SQRT(1 + ", 60) + "x" + Repeat(")", 60) + " FROM UNNEST([1.5]) AS x", "" },
        { "SELECT '" + Repeat("x", 1 << 20) + "'", "The query is too large" },
    };

    [Theory, MemberData(nameof(Monsters), DisableDiscoveryEnumeration = true)]
    public async Task No_statement_is_too_much_for_the_twin(string sql, string refusal)
    {
        await using var bigquery = await BigQueryWire.StartAsync();

        var answer = await bigquery.QueryAsync(sql);

        answer.Status.Should().Be(refusal.Length == 0 ? 200 : refusal.StartsWith("does not support", StringComparison.Ordinal) ? 501 : 400, "{0}", answer.Text);
        answer.Text.Should().ContainEquivalentOf(refusal.Length == 0 ? "rows" : refusal);
        (await bigquery.QueryAsync("SELECT 1")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_column_may_have_the_name_that_the_engine_hides()
    {
        await using var bigquery = await BigQueryWire.StartAsync();
        var loaded = await bigquery.UploadAsync("""{"destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "autodetect": false, "schema": {"fields": [{"name": "rowid", "type": "STRING"}, {"name": "x", "type": "INTEGER"}]}}""", "b,1\na,2\n"u8.ToArray());
        ((string?)loaded["status"]!["errorResult"]?["message"]).Should().BeNull();

        await bigquery.QueryAsync("MERGE t USING (SELECT 1 AS k UNION ALL SELECT 3) AS s ON x = k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (rowid, x) VALUES ('c', k)");

        (await bigquery.RowsAsync("SELECT * FROM t ORDER BY x")).Should().Equal("a,2", "c,3");
        var page = await bigquery.GetAsync($"{BigQueryWire.Root}/datasets/d/tables/t/data?maxResults=1");
        BigQueryWire.Rows(page).Should().HaveCount(1);
        (await bigquery.GetAsync($"{BigQueryWire.Root}/datasets/d/tables/t/data?maxResults=1&pageToken={(string?)page.Json["pageToken"]}")).Status.Should().Be(200);
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static Task<StorageAnswer> AskAsync(BigQueryWire bigquery, string sql) => bigquery.QueryAsync(
        sql, """ "parameterMode": "NAMED", "queryParameters": [{"name": "n", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "41"}}] """);

    private static async Task<BigQueryWire> WithTablesAsync()
    {
        var bigquery = await BigQueryWire.StartAsync();
        string[] statements =
        [
            "CREATE TABLE people (id INT64 NOT NULL, name STRING, tags ARRAY<STRING>)",
            "INSERT INTO people VALUES (1, 'Ada', ['maths', 'logic']), (2, 'Bob', []), (3, 'Célia', NULL)",
            "CREATE TABLE orders (person INT64, amount FLOAT64)",
            "INSERT orders VALUES (1, 5), (1, 7.5), (9, 9)",
            "CREATE VIEW grown AS SELECT name FROM d.people WHERE id > 1",
        ];
        foreach (var statement in statements)
        {
            (await bigquery.QueryAsync(statement)).Status.Should().Be(200, "{0}", statement);
        }

        return bigquery;
    }
}
