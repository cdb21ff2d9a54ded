using System.Text.Json.Nodes;
using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryRowTests : IAsyncLifetime
{
    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync() => _bigquery = await StartAsync();

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Theory]
    [InlineData("", "1.717243200123456E9")]
    [InlineData("formatOptions.useInt64Timestamp=true", "1717243200123456")]
    [InlineData("formatOptions.timestampOutputFormat=ISO8601_STRING", "2024-06-01T12:00:00.123456Z")]
    public async Task Timestamps_come_in_the_format_that_was_asked_for_within_records_and_lists_too(string format, string expected)
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT TIMESTAMP '2024-06-01 12:00:00.123456' AS a, STRUCT(TIMESTAMP '2024-06-01 12:00:00.123456' AS b) AS r, [TIMESTAMP '2024-06-01 12:00:00.123456'] AS l");

        var row = (await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?{format}")).Json["rows"]![0]!["f"]!;

        row.ToJsonString().Should().Be($$$"""[{"v":"{{{expected}}}"},{"v":{"f":[{"v":"{{{expected}}}"}]}},{"v":[{"v":"{{{expected}}}"}]}]""");
    }

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("1.0", "1.0")]
    [InlineData("123456789.0", "1.23456789E8")]
    [InlineData("0.0001", "1.0E-4")]
    [InlineData("1e300 * 10", "1.0E301")]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("CAST('nan' AS FLOAT64)", "NaN")]
    [InlineData("CAST('-inf' AS FLOAT64)", "-Infinity")]
    public async Task Floating_point_numbers_lose_nothing_on_the_wire(string expression, string expected)
    {
        (await _bigquery.RowsAsync($"SELECT {expression}")).Should().Equal(expected);
    }

    [Fact]
    public async Task A_result_is_read_page_by_page_in_its_order()
    {
        var first = await _bigquery.QueryAsync("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25)) AS n ORDER BY n DESC", "\"maxResults\": 10");
        var job = (string)first.Json["jobReference"]!["jobId"]!;
        var second = await _bigquery.GetAsync($"{Root}/queries/{job}?location=europe-west1&maxResults=10&pageToken={first.Json["pageToken"]}&startIndex=0");
        var third = await _bigquery.GetAsync($"{Root}/queries/{job}?location=europe-west1&maxResults=10&pageToken={second.Json["pageToken"]}");

        ((string?)first.Json["totalRows"], (bool?)first.Json["jobComplete"]).Should().Be(("25", true));
        Rows(first).Should().Equal(Enumerable.Range(16, 10).Reverse().Select(n => $"{n}"));
        Rows(second)[0].Should().Be("15", "a page token goes before a start index");
        Rows(third).Should().Equal("5", "4", "3", "2", "1");
        third.Json["pageToken"].Should().BeNull();
    }

    [Fact]
    public async Task A_list_of_no_rows_says_how_many_there_are()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT n, 'x' AS s FROM UNNEST(GENERATE_ARRAY(1, 7)) AS n");

        var none = await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?maxResults=0");
        var some = await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?startIndex=5&selectedFields=s");
        var wrong = await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?pageToken=nonsense");

        ((string?)none.Json["totalRows"], none.Json["rows"]).Should().Be(("7", null));
        Rows(some).Should().Equal("x", "x");
        wrong.Message.Should().Be("Invalid page token");
    }

    [Fact]
    public async Task Rows_that_do_not_match_keep_all_out_and_each_is_told_why()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (id INT64 NOT NULL, name STRING)");

        var answer = await InsertAsync("""{"json": {"id": 1}}, {"json": {"id": "x"}}, {"json": {"name": "n"}}, {"json": {"id": 2, "other": 1}}""");

        answer.Status.Should().Be(200);
        answer.Json["insertErrors"]!.AsArray().Select(row => $"{row!["index"]} {row["errors"]![0]!["reason"]} {row["errors"]![0]!["location"]} {row["errors"]![0]!["message"]}").Should().Equal(
            "0 stopped  ",
            "1 invalid id Cannot convert value to integer (bad value): x",
            "2 invalid id Missing required field: id.",
            "3 invalid other no such field: other.");
        (await _bigquery.RowsAsync("SELECT COUNT(*) FROM t")).Should().Equal("0");
    }

    [Fact]
    public async Task Good_rows_pass_where_bad_ones_may_be_skipped_and_unknown_values_ignored()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (id INT64, tags ARRAY<STRING>, r STRUCT<a FLOAT64, d DATE>)");

        var answer = await InsertAsync("""
            {"json": {"ID": "1", "tags": ["x", "y"], "r": {"a": "NaN", "d": "2024-02-29"}, "other": 1}}, {"json": {"id": "x"}}, {"json": {"id": 1e2, "r": null}}
            """, "\"skipInvalidRows\": true, \"ignoreUnknownValues\": true, ");

        answer.Json["insertErrors"]!.AsArray().Select(row => (int)row!["index"]!).Should().Equal(1);
        (await _bigquery.RowsAsync("SELECT id, tags, r.a, r.d FROM t ORDER BY id")).Should().Equal("1,[{\"v\":\"x\"},{\"v\":\"y\"}],NaN,2024-02-29", "100,[],NULL,NULL");
    }

    [Fact]
    public async Task A_row_that_is_sent_again_with_its_id_is_taken_once()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (id INT64)");

        await InsertAsync("""{"insertId": "a", "json": {"id": 1}}""");
        await InsertAsync("""{"insertId": "a", "json": {"id": 1}}, {"insertId": "b", "json": {"id": 2}}""");
        _bigquery.Clock.Advance(TimeSpan.FromMinutes(2));
        await InsertAsync("""{"insertId": "a", "json": {"id": 3}}""");

        (await _bigquery.RowsAsync("SELECT id FROM t ORDER BY id")).Should().Equal("1", "2", "3");
    }

    [Fact]
    public async Task Parameters_of_every_shape_reach_the_query()
    {
        var named = await _bigquery.QueryAsync("SELECT @a + 1, @d, @l, @s.x, @none, @t", """
            "parameterMode": "NAMED", "queryParameters": [
              {"name": "a", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "41"}},
              {"name": "d", "parameterType": {"type": "DATE"}, "parameterValue": {"value": "2024-02-29"}},
              {"name": "l", "parameterType": {"type": "ARRAY", "arrayType": {"type": "STRING"}}, "parameterValue": {"arrayValues": [{"value": "a"}, {"value": "b"}]}},
              {"name": "s", "parameterType": {"type": "STRUCT", "structTypes": [{"name": "x", "type": {"type": "FLOAT64"}}]}, "parameterValue": {"structValues": {"x": {"value": "1.5"}}}},
              {"name": "none", "parameterType": {"type": "STRING"}, "parameterValue": {}},
              {"name": "t", "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": "2024-01-01 00:00:00+00"}}]
            """);
        var positional = await _bigquery.QueryAsync("SELECT ? || ?", """ "parameterMode": "POSITIONAL", "queryParameters": [{"parameterType": {"type": "STRING"}, "parameterValue": {"value": "it's"}}, {"parameterType": {"type": "STRING"}, "parameterValue": {"value": "b"}}]""");
        var wrong = await _bigquery.QueryAsync("SELECT @a", """ "queryParameters": [{"name": "a", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "x"}}]""");

        Rows(named).Should().Equal("""42,2024-02-29,[{"v":"a"},{"v":"b"}],1.5,NULL,1.7040672E9""");
        Rows(positional).Should().Equal("it'sb");
        wrong.Message.Should().Be("Invalid value for parameter 'a': \"x\" is not a valid INT64 value");
    }

    private Task<StorageAnswer> InsertAsync(string rows, string options = "") =>
        _bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", $$"""{{{options}}"rows": [{{rows}}]}""");
}
