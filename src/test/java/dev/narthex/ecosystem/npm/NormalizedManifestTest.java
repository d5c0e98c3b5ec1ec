package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalizedManifestTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String HARBOUR = "git+https://github.com/harbour/oar.git";

    /** Manifests compared with the output of npm's own library. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'bin':'./cli.js' | 'bin':{'oar':'cli.js'}",
                "'bin':['bin/oar','bin/row'] | 'bin':{'oar':'bin/oar','row':'bin/row'}",
                "'bin':{'../../../oar':'../../etc/passwd','x':7,'.':'a','y':'..'} | 'bin':{'oar':'etc/passwd'}",
                "'bin':true | ",
                "'bundleDependencies':true,'dependencies':{'a':'1'} | 'bundleDependencies':['a'],'dependencies':{'a':'1'}",
                "'bundledDependencies':['a'] | 'bundleDependencies':['a']",
                "'bundleDependencies':false,'bundledDependencies':{} | ",
                "'dependencies':['a','b'],'devDependencies':'x','peerDependencies':null | ",
                "'dependencies':{'a':'1','b':2,'c':{}} | 'dependencies':{'a':'1'}",
                "'optionalDependencies':{'a':null},'scripts':{'test':true} | 'optionalDependencies':{},'scripts':{}",
                "'peerDependenciesMeta':['a'],'directories':'lib' | ",
                "'description':{},'deprecated':false,'homepage':1 | ",
                "'deprecated':'' | ",
                "'deprecated':'old' | 'deprecated':'old'",
                "'keywords':'row, boat' | 'keywords':['row','boat']",
                "'keywords':['row',1,''] | 'keywords':['row']",
                "'author':'Ada Ferry <ada@example.org> (https://example.org)' | "
                        + "'author':{'name':'Ada Ferry','email':'ada@example.org','url':'https://example.org'}",
                "'author':{'name':'Ada','web':'x'} | 'author':{'name':'Ada'}",
                "'author':7,'maintainers':'Ada' | ",
                "'maintainers':['Ada <a@example.org>',{},7] | 'maintainers':[{'name':'Ada','email':'a@example.org'}]",
                "'engines':{'node':'>=18'},'os':['linux'],'libc':'musl' | "
                        + "'engines':{'node':'>=18'},'os':['linux'],'libc':'musl'",
                "'repository':'https://git.example.org/oar' | 'repository':{'type':'git','url':'https://git.example.org/oar'}",
                "'repository':7,'bugs':[] | ",
                "'bugs':'https://example.org/bugs' | 'bugs':{'url':'https://example.org/bugs'}",
                "'bugs':'bugs@example.org' | 'bugs':{'email':'bugs@example.org'}",
                "'_resolved':'/tmp/x','_from':'x','_nodeVersion':'20.1.0','_hasShrinkwrap':true,'dist':{},'readme':'x' | "
                        + "'_nodeVersion':'20.1.0'"
            })
    void manifestMatchesNpmPublish(String given, String published) throws JsonProcessingException {
        assertEquals(json(published == null ? "" : published), form(given, UnpackedStats.NOTHING));
    }

    @ParameterizedTest
    @CsvSource({
        "harbour/oar",
        "github:harbour/oar",
        "git://github.com/harbour/oar.git",
        "git@github.com:harbour/oar.git",
        "https://github.com/harbour/oar"
    })
    void aRepositoryOnAKnownHostHasPagesForBugsAndReadme(String repository) throws JsonProcessingException {
        var expected = json("'repository':{'type':'git','url':'" + HARBOUR
                + "'},'bugs':{'url':'https://github.com/harbour/oar/issues'},"
                + "'homepage':'https://github.com/harbour/oar#readme'");
        assertEquals(expected, form("'repository':'" + repository + "'", UnpackedStats.NOTHING));
        assertEquals(expected, form("'repository':{'type':'git','url':'" + repository + "'}", UnpackedStats.NOTHING));
    }

    @Test
    void implicitInstallScriptIsRecorded() throws JsonProcessingException {
        var gyp = UnpackedStats.NOTHING.withFile("binding.gyp", 10);
        assertEquals(
                json("'scripts':{'test':'x','install':'node-gyp rebuild'},'gypfile':true"),
                form("'scripts':{'test':'x'}", gyp));
        assertEquals(json("'scripts':{'install':'node-gyp rebuild'},'gypfile':true"), form("", gyp));
        assertEquals(json("'scripts':{'preinstall':'x'}"), form("'scripts':{'preinstall':'x'}", gyp));
        assertEquals(json("'gypfile':false"), form("'gypfile':false", gyp));
        assertEquals(json(""), form("", UnpackedStats.NOTHING.withFile("src/binding.gyp", 10)));
    }

    @Test
    void inputIsNotModified() throws JsonProcessingException {
        var manifest =
                PackageJson.parse("{\"bin\":\"x\",\"scripts\":{\"a\":1}}").orElseThrow();
        NormalizedManifest.of(manifest, UnpackedStats.NOTHING.withFile("binding.gyp", 1));
        assertEquals("{\"bin\":\"x\",\"scripts\":{\"a\":1}}", manifest.json().toString());
    }

    private static Object form(String members, UnpackedStats unpacked) throws JsonProcessingException {
        return JSON.readTree(
                NormalizedManifest.of(PackageJson.parse(text(members)).orElseThrow(), unpacked)
                        .toString());
    }

    private static Object json(String members) throws JsonProcessingException {
        return JSON.readTree(text(members));
    }

    private static String text(String members) {
        return "{'name':'@harbour/oar'%s%s}"
                .formatted(members.isEmpty() ? "" : ",", members)
                .replace('\'', '"');
    }
}
