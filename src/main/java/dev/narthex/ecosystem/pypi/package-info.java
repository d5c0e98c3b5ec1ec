/**
 * PyPI: wheels and source distributions as packages ({@link dev.narthex.ecosystem.pypi.PypiEcosystem}), after each was read
 * to its end ({@link dev.narthex.ecosystem.pypi.Distribution}), and the index that pip, poetry and pdm read
 * ({@link dev.narthex.ecosystem.pypi.SimpleEndpoint}) and twine uploads to
 * ({@link dev.narthex.ecosystem.pypi.UploadEndpoint}). Of an installed project a wheel is made
 * ({@link dev.narthex.ecosystem.pypi.WheelTree}). Locks of installers are read
 * ({@link dev.narthex.ecosystem.pypi.PypiLock}). "Project" is PyPI's word for package.
 */
@NullMarked
package dev.narthex.ecosystem.pypi;

import org.jspecify.annotations.NullMarked;
